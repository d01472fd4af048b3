// SPDX-License-Identifier: Apache-2.0
// Reads the public list of model prices, `model_prices_and_context_window.json` of BerriAI/litellm, as tables
// of TOML keys.  Prices there are in dollars for a token, and here for a million tokens. No interface uses
// this header.  Functions without state: any thread.
#pragma once

#include "gatehouse/json.hpp"
#include "gatehouse/value.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// The reason of an entry whose service has no price of these kinds.
inline constexpr std::string_view no_listed_price = "has no price for tokens, requests or images";

/// An entry of the list.
struct ListedPrice {
    std::string provider = {};  // the list's own word: "openai", "bedrock"; may be empty
    /// `input`, `output`, `cached_input`, `cache_write_input`, `reasoning_output`, `audio_input`,
    /// `audio_output`, `image_input`, `image_output` (a million tokens), `per_request`, `per_image`,
    /// `max_prompt_tokens`, `max_output_tokens`, and `tiers` with `above_prompt_tokens`.
    Table keys = {};
    /// Why the entry has no price; empty: it has one.
    std::string unusable = {};
};

namespace detail {

/// The list's word for a price of a token, and the key for it.
inline constexpr std::pair<std::string_view, std::string_view> listed_token_prices[] = {
    {"input_cost_per_token", "input"},
    {"output_cost_per_token", "output"},
    {"cache_read_input_token_cost", "cached_input"},
    {"cache_creation_input_token_cost", "cache_write_input"},
    {"output_cost_per_reasoning_token", "reasoning_output"},
    {"input_cost_per_audio_token", "audio_input"},
    {"output_cost_per_audio_token", "audio_output"},
    {"input_cost_per_image_token", "image_input"},
    {"output_cost_per_image_token", "image_output"},
};

/// A number, or a number in a string.
inline std::optional<double> listed_number(const JsonValue& value) {
    if (const auto number = value.number()) return number;
    const auto text = value.string();
    const auto read = text ? read_json(std::string_view(*text)) : Result<JsonValue>(JsonValue());
    return read ? read->number() : std::nullopt;
}

/// `price` times `factor` with at most `digits` digits after the point, rounded up.
inline double listed_price(double price, double factor, double digits) {
    const double units = price * factor * digits, whole = std::round(units);
    return (std::abs(units - whole) <= 1e-6 * std::max(whole, 1.0) ? whole : std::ceil(units)) / digits;
}

/// The highest price of a million tokens, of a request or of an image.
inline constexpr double highest_listed_price = 1e6;

/// Why the price `word` of an entry cannot be used; empty: it can, or it is absent.
inline std::string listed_mistake(std::string_view word, const JsonValue& value, double factor) {
    if (!value) return {};
    const auto price = listed_number(value);
    if (!price || !std::isfinite(*price)) return std::string(word) + " is not a number";
    if (*price < 0) return std::string(word) + " is negative";
    if (*price * factor > highest_listed_price) return std::string(word) + " is not plausible";
    return {};
}

/// The first mistake in the prices of an entry or a tier; empty: none.
inline std::string listed_mistake(const JsonValue& entry) {
    for (const JsonMember member : entry.members()) {
        std::string mistake;
        for (const auto& [word, key] : listed_token_prices)
            if (member.key == word ||
                (member.key.starts_with(word) && member.key.substr(word.size()).starts_with("_above_")))
                mistake = listed_mistake(member.key, member.value, 1e6);
        for (const std::string_view word : {"input_cost_per_request", "input_cost_per_query",
                                            "output_cost_per_image", "input_cost_per_image"})
            if (member.key == word) mistake = listed_mistake(word, member.value, 1);
        if (member.key == "tiered_pricing")
            for (const JsonValue tier : member.value.items())
                if (mistake.empty()) mistake = listed_mistake(tier);
        if (!mistake.empty()) return mistake;
    }
    return {};
}

/// The prices of a tier, or of all prompts.  `suffix` is "_above_200k_tokens", or empty.
inline Table listed_prices(const JsonValue& entry, std::string_view suffix) {
    Table keys;
    for (const auto& [word, key] : listed_token_prices)
        if (const auto price = listed_number(entry[std::string(word) + std::string(suffix)]);
            price && *price >= 0)
            keys.entries.push_back({std::string(key), Value{listed_price(*price, 1e6, 1e6)}});
    return keys;
}

/// The prices of `tier`, and those of `base` for absent parts.
inline Table listed_tier(std::int64_t above, Table tier, const Table& base) {
    Table keys{{{"above_prompt_tokens", Value{above}}}};
    for (const Entry& entry : base.entries)
        if (!tier.find(entry.name)) tier.entries.push_back(entry);
    keys.entries.insert(keys.entries.end(), tier.entries.begin(), tier.entries.end());
    return keys;
}

/// N of "input_cost_per_token_above_Nk_tokens", in tokens; 0: another word.
inline std::int64_t listed_tier_of(std::string_view word) {
    constexpr std::string_view before = "input_cost_per_token_above_", after = "k_tokens";
    if (!word.starts_with(before) || !word.ends_with(after) || word.size() <= before.size() + after.size())
        return 0;
    std::int64_t thousands = 0;
    for (const char digit : word.substr(before.size(), word.size() - before.size() - after.size())) {
        if (digit < '0' || digit > '9' || thousands > 100'000) return 0;
        thousands = thousands * 10 + (digit - '0');
    }
    return thousands * 1'000;
}

inline std::vector<Table> listed_tiers(const JsonValue& entry, Table& base) {
    std::vector<Table> tiers;
    for (const JsonMember member : entry.members()) {
        const std::int64_t above = listed_tier_of(member.key);
        const std::string word = "_above_" + std::to_string(above / 1'000) + "k_tokens";
        if (above > 0) tiers.push_back(listed_tier(above, listed_prices(entry, word), base));
    }
    for (const JsonValue tier : entry["tiered_pricing"].items()) {
        const auto above = listed_number(tier["range"][0]);
        if (above && *above > 0 && *above < 1e12)
            tiers.push_back(listed_tier(std::llround(*above), listed_prices(tier, ""), base));
        else if (!base.find("input"))
            base = listed_prices(tier, "");
    }
    return tiers;
}

}  // namespace detail

/// The price of an entry of the list.
inline ListedPrice listed_price(const JsonValue& entry) {
    ListedPrice listed{.provider = entry["litellm_provider"].string().value_or(""),
                       .unusable = detail::listed_mistake(entry)};
    if (!listed.unusable.empty()) return listed;
    Table keys = detail::listed_prices(entry, "");
    std::vector<Table> tiers = detail::listed_tiers(entry, keys);
    auto add = [&](const char* word, const char* key) {
        const auto price = detail::listed_number(entry[word]);
        if (price && *price > 0 && !keys.find(key))
            keys.entries.push_back({key, Value{detail::listed_price(*price, 1, 1e9)}});
    };
    add("input_cost_per_request", "per_request");
    add("input_cost_per_query", "per_request");
    add("output_cost_per_image", "per_image");
    if (entry["mode"].string() == "image_generation") add("input_cost_per_image", "per_image");
    if (keys.entries.empty()) {
        listed.unusable = no_listed_price;
        return listed;
    }
    for (const char* key : {"input", "output"})
        if (!keys.find(key)) keys.entries.push_back({key, Value{0.0}});
    auto limit = [&](const char* word, const char* key) {
        const auto tokens = detail::listed_number(entry[word]);
        if (tokens && *tokens >= 1 && *tokens <= 1e9 && !keys.find(key))
            keys.entries.push_back({key, Value{static_cast<std::int64_t>(*tokens)}});
    };
    limit("max_input_tokens", "max_prompt_tokens");
    limit("max_output_tokens", "max_output_tokens");
    if (!tiers.empty()) keys.entries.push_back({"tiers", Value{std::move(tiers)}});
    listed.keys = std::move(keys);
    return listed;
}

/// Calls each(name, price) for each entry of the list.  REQUIRES: `list` is valid JSON.
template <typename Each>
void each_listed_price(std::string_view list, Each&& each) {
    for (const JsonMember member : JsonValue::unchecked(list).members())
        if (member.key != "sample_spec") each(std::string(member.key), listed_price(member.value));
}

}  // namespace gatehouse
