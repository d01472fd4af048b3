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
        optional("image_input", own(&TierOptions::image_input),
                 "Price of a million tokens of images in the prompt; input if omitted."),
        optional("image_output", own(&TierOptions::image_output),
                 "Price of a million tokens of images in the response; output if omitted."),
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
    fields.push_back(optional("per_image", &PriceOptions::per_image, "Price of a generated image."));
    fields.push_back(ranged("max_prompt_tokens", &PriceOptions::max_prompt_tokens, 0, 1'000'000'000,
                            "The highest number of tokens of a prompt, for reservations; 0: not known."));
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
    prices.image_input = part(options.image_input, "image_input", prices.input);
    prices.image_output = part(options.image_output, "image_output", prices.output);
    return prices;
}

std::int64_t valid(std::int64_t tokens) {
    return tokens > most_tokens ? 0 : std::max<std::int64_t>(tokens, 0);
}

std::int64_t tokens_in(const JsonText& details, const char* name) {
    if (details.empty()) return 0;
    return valid(JsonValue::unchecked(details.text)[name].integer().value_or(0));
}

Wide part(std::int64_t tokens, std::int64_t price) { return static_cast<Wide>(tokens) * price; }

Nano amount(double price, const std::string& path) {
    Nano nano = 0;
    if (!read_amount(price, nano))
        throw KeyError(path, "expected a price from 0 on with at most nine digits after the point");
    return nano;
}

/// Rounds up to nano-units.
Nano rounded(Wide picos) {
    const Wide nano = (picos + 999) / 1'000;
    return nano > most_nano ? most_nano : static_cast<Nano>(nano);
}

}  // namespace

std::int64_t TokenPrices::highest_input(const PricedParts& parts) const {
    return std::max({input, cached, cache_write, parts.audio_input ? audio_input : 0,
                     parts.image_input ? image_input : 0});
}
std::int64_t TokenPrices::highest_output(const PricedParts& parts) const {
    return std::max(
        {output, reasoning, parts.audio_output ? audio_output : 0, parts.image_output ? image_output : 0});
}

RoutePrice::RoutePrice(const PriceOptions& options, const std::string& path)
    : base_(token_prices(options, path)),
      per_request_(amount(options.per_request, path + ".per_request")),
      per_image_(amount(options.per_image, path + ".per_image")),
      max_prompt_tokens_(options.max_prompt_tokens),
      max_output_tokens_(options.max_output_tokens),
      has_reasoning_(options.reasoning_output.has_value()) {
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
            .image_input = price.input,
            .output = price.output,
            .reasoning = price.output,
            .audio_output = price.output,
            .image_output = price.output} {}

const TokenPrices& RoutePrice::tier(std::int64_t prompt) const {
    const TokenPrices* prices = &base_;
    for (const auto& [above, tier] : tiers_)
        if (prompt > above) prices = &tier;
    return *prices;
}

template <typename Each>
void RoutePrice::each_tier(std::int64_t prompt, Each&& each) const {
    const TokenPrices* prices = &base_;
    for (const auto& [above, tier] : tiers_) {
        if (prompt <= above) break;
        each(*prices, above);
        prices = &tier;
    }
    each(*prices, prompt);
}

Nano RoutePrice::cost(const Usage& usage, std::int64_t images) const {
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
                       heard = take(plain, tokens_in(usage.prompt_extra, "audio_tokens")),
                       seen = take(plain, tokens_in(usage.prompt_extra, "image_tokens")),
                       reasoned = take(written, usage.reasoning.value_or(0)),
                       spoken = take(written, tokens_in(usage.completion_extra, "audio_tokens")),
                       drawn = take(written, tokens_in(usage.completion_extra, "image_tokens"));
    const TokenPrices& prices = tier(prompt);
    return rounded(part(plain, prices.input) + part(cached, prices.cached) +
                   part(cache_written, prices.cache_write) + part(heard, prices.audio_input) +
                   part(seen, prices.image_input) + part(written, prices.output) +
                   part(reasoned, prices.reasoning) + part(spoken, prices.audio_output) +
                   part(drawn, prices.image_output) + part(per_request_, 1'000) +
                   part(valid(images), per_image_) * 1'000);
}

Nano RoutePrice::cost(std::int64_t prompt, std::int64_t output) const {
    return cost(Usage{.prompt = prompt, .completion = output});
}

Nano RoutePrice::highest_cost(std::int64_t prompt, std::int64_t output, const PricedParts& parts,
                              std::int64_t images) const {
    Wide highest = 0;
    each_tier(valid(prompt), [&](const TokenPrices& prices, std::int64_t longest) {
        highest = std::max(highest, part(longest, prices.highest_input(parts)) +
                                        part(valid(output), prices.highest_output(parts)));
    });
    return rounded(highest + part(per_request_, 1'000) + part(valid(images), per_image_) * 1'000);
}

std::int64_t RoutePrice::affordable_output(std::int64_t prompt, Nano money, const PricedParts& parts) const {
    std::int64_t least = most_tokens;
    each_tier(valid(prompt), [&](const TokenPrices& prices, std::int64_t longest) {
        const std::int64_t price = prices.highest_output(parts);
        const Wide rest = part(money - 1, 1'000) - part(per_request_, 1'000) -  // 1: for the rounding
                          part(longest, prices.highest_input(parts));
        if (rest <= 0)
            least = 0;
        else if (price > 0)
            least = static_cast<std::int64_t>(std::min<Wide>(rest / price, least));
    });
    return least;
}

PriceTable::PriceTable(const std::map<std::string, PriceOptions>& prices, const std::string& path) {
    for (const auto& [pattern, options] : prices) {
        const std::string own = path + "." + toml_quoted(pattern);
        if (!is_name_pattern(pattern)) throw KeyError(own, std::string(name_pattern_rule));
        const bool prefix = is_prefix_pattern(pattern);
        (prefix ? prefixes_ : complete_).emplace(std::string(prefix_of(pattern)), RoutePrice(options, own));
        if (prefix) lengths_.push_back(pattern.size() - 1);
    }
    std::ranges::sort(lengths_, std::greater());
    lengths_.erase(std::unique(lengths_.begin(), lengths_.end()), lengths_.end());
}

const RoutePrice* PriceTable::find(const Route& route) const {
    const std::string name = name_of(route);
    if (const auto found = complete_.find(name); found != complete_.end()) return &found->second;
    if (const auto found = complete_.find(route.model); found != complete_.end()) return &found->second;
    for (const std::size_t length : lengths_) {
        if (length > name.size()) continue;
        const auto found = prefixes_.find(name.substr(0, length));
        if (found != prefixes_.end()) return &found->second;
    }
    return nullptr;
}

}  // namespace gatehouse::quota
