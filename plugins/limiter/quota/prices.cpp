// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/prices.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/name_pattern.hpp>

#include <algorithm>

namespace gatehouse::quota {

namespace {

__extension__ typedef __int128 Wide;

constexpr double highest_price = 1e6;                    // for a million tokens
constexpr std::int64_t most_tokens = 1'000'000'000'000;  // an upstream's number beyond it is invalid

template <typename Options>
Fields<Options> tier_fields() {
    auto own = []<typename T>(T TierOptions::*member) -> T Options::* { return member; };
    return {
        required("input", own(&TierOptions::input), "Price of a million tokens of the prompt."),
        required("output", own(&TierOptions::output), "Price of a million tokens of the response."),
        optional("cached_input", own(&TierOptions::cached_input),
                 "Price of a million tokens that the upstream reads from its cache; input if omitted."),
        optional("cache_write_input", own(&TierOptions::cache_write_input),
                 "Price of a million tokens that the upstream writes to its cache; input if omitted."),
        optional("reasoning_output", own(&TierOptions::reasoning_output),
                 "Price of a million tokens of reasoning; output if omitted."),
        optional("audio_input", own(&TierOptions::audio_input),
                 "Price of a million tokens of sound in the prompt; input if omitted."),
        optional("audio_output", own(&TierOptions::audio_output),
                 "Price of a million tokens of sound in the response; output if omitted."),
    };
}

}  // namespace

Fields<PriceOptions> price_fields() {
    auto fields = tier_fields<PriceOptions>();
    auto tiers = tier_fields<TierOptions>();
    tiers.insert(tiers.begin(),
                 required("above_prompt_tokens", &TierOptions::above_prompt_tokens,
                          "The prices apply to requests whose prompt has more tokens than this."));
    fields.push_back(optional("per_request", &PriceOptions::per_request, "Price of a request."));
    fields.push_back(ranged("max_output_tokens", &PriceOptions::max_output_tokens, 0, 1'000'000'000,
                            "The highest number of tokens of a response, for estimates; 0: not known."));
    fields.push_back(tables("tiers", &PriceOptions::tiers, std::move(tiers),
                            "Other prices for longer prompts.  They replace all prices of the request."));
    return fields;
}

namespace {

std::int64_t pico(double price, const std::string& path) {
    const double value = price * 1e6;
    if (!(price >= 0)) throw KeyError(path, "a price must not be negative");
    if (price > highest_price) throw KeyError(path, "a price must be at most 1000000, for a million tokens");
    if (std::abs(value - std::round(value)) > value * 1e-15)
        throw KeyError(path, "a price must have at most six digits after the point");
    return std::llround(value);
}

TokenPrices token_prices(const TierOptions& options, const std::string& path) {
    TokenPrices prices;
    auto part = [&](const std::optional<double>& price, const char* key, std::int64_t otherwise) {
        return price ? pico(*price, path + "." + key) : otherwise;
    };
    prices.input = pico(options.input, path + ".input");
    prices.output = pico(options.output, path + ".output");
    prices.cached = part(options.cached_input, "cached_input", prices.input);
    prices.cache_write = part(options.cache_write_input, "cache_write_input", prices.input);
    prices.reasoning = part(options.reasoning_output, "reasoning_output", prices.output);
    prices.audio_input = part(options.audio_input, "audio_input", prices.input);
    prices.audio_output = part(options.audio_output, "audio_output", prices.output);
    return prices;
}

std::int64_t valid(std::int64_t tokens) {
    return tokens > most_tokens ? 0 : std::max<std::int64_t>(tokens, 0);
}

std::int64_t audio_in(const JsonText& details) {
    if (details.empty()) return 0;
    return valid(JsonValue::unchecked(details.text)["audio_tokens"].integer().value_or(0));
}

/// Rounds up to nano-units.
Nano rounded(Wide picos) {
    const Wide nano = (picos + 999) / 1'000;
    return nano > most_nano ? most_nano : static_cast<Nano>(nano);
}

}  // namespace

RoutePrice::RoutePrice(const PriceOptions& options, const std::string& path)
    : base_(token_prices(options, path)), max_output_tokens_(options.max_output_tokens) {
    if (!read_amount(options.per_request, per_request_))
        throw KeyError(path + ".per_request",
                       "expected a price from 0 on with at most nine digits after the point");
    for (std::size_t i = 0; i < options.tiers.size(); ++i) {
        const std::string tier_path = path + ".tiers[" + std::to_string(i) + "]";
        if (options.tiers[i].above_prompt_tokens <= 0)
            throw KeyError(tier_path + ".above_prompt_tokens", "must be more than 0");
        tiers_.emplace_back(options.tiers[i].above_prompt_tokens, token_prices(options.tiers[i], tier_path));
    }
    std::stable_sort(tiers_.begin(), tiers_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
}

RoutePrice::RoutePrice(const Price& price)
    : base_{.input = price.input,
            .cached = price.input,
            .cache_write = price.input,
            .audio_input = price.input,
            .output = price.output,
            .reasoning = price.output,
            .audio_output = price.output} {}

const TokenPrices& RoutePrice::tier(std::int64_t prompt) const {
    const TokenPrices* prices = &base_;
    for (const auto& [above, tier] : tiers_)
        if (prompt > above) prices = &tier;
    return *prices;
}

Nano RoutePrice::cost(const Usage& usage) const {
    const std::int64_t prompt = valid(usage.prompt), completion = valid(usage.completion);
    // Parts that do not fit into their sum are cut, so that no token is paid twice.
    std::int64_t plain = prompt, written = completion;
    auto take = [](std::int64_t& from, std::int64_t tokens) {
        const std::int64_t taken = std::min(from, valid(tokens));
        from -= taken;
        return taken;
    };
    const std::int64_t cached = take(plain, usage.cached.value_or(0)),
                       cache_written = take(plain, usage.cache_written.value_or(0)),
                       heard = take(plain, audio_in(usage.prompt_extra)),
                       reasoned = take(written, usage.reasoning.value_or(0)),
                       spoken = take(written, audio_in(usage.completion_extra));
    const TokenPrices& prices = tier(prompt);
    auto part = [](std::int64_t tokens, std::int64_t price) { return static_cast<Wide>(tokens) * price; };
    return rounded(part(plain, prices.input) + part(cached, prices.cached) +
                   part(cache_written, prices.cache_write) + part(heard, prices.audio_input) +
                   part(written, prices.output) + part(reasoned, prices.reasoning) +
                   part(spoken, prices.audio_output) + part(per_request_, 1'000));
}

Nano RoutePrice::cost(std::int64_t prompt, std::int64_t output) const {
    return cost(Usage{.prompt = prompt, .completion = output});
}

std::int64_t RoutePrice::affordable_output(std::int64_t prompt, Nano money) const {
    const std::int64_t price = tier(prompt).output;
    const Nano rest = money - cost(prompt, 0) - 1;  // for the rounding
    if (rest <= 0) return 0;
    if (price == 0) return most_tokens;
    return static_cast<std::int64_t>(std::min<Wide>(static_cast<Wide>(rest) * 1'000 / price, most_tokens));
}

PriceTable::PriceTable(const std::map<std::string, PriceOptions>& prices) {
    for (const auto& [pattern, options] : prices) {
        const std::string path = "prices." + toml_quoted(pattern);
        if (!is_name_pattern(pattern)) throw KeyError(path, std::string(name_pattern_rule));
        all_.emplace_back(pattern, RoutePrice(options, path));
    }
    std::stable_sort(all_.begin(), all_.end(),
                     [](const auto& a, const auto& b) { return is_more_specific(a.first, b.first); });
}

const RoutePrice* PriceTable::find(const Route& route) const {
    const std::string name = route.provider + "/" + route.model;
    for (const auto& [pattern, price] : all_)
        if (matches_pattern(pattern, name)) return &price;
    return nullptr;
}

const RoutePrice* PriceTable::named(const std::string& pattern) const {
    for (const auto& [known, price] : all_)
        if (known == pattern) return &price;
    return nullptr;
}

}  // namespace gatehouse::quota
