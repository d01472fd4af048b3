// SPDX-License-Identifier: Apache-2.0
// The prices of routes, and the cost of a response.
//
// A price is kept in 1e-12 of the currency for a token, because 0.0375 for a million tokens is not a whole
// number of nano-units.  A sum is made in 128 bits and rounded up once.
// Read-only after its construction: any thread.
#pragma once

#include "plugins/limiter/quota/money.hpp"

#include <gatehouse/sdk.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::quota {

/// The price of a million tokens, as in the file.
struct TierOptions {
    std::int64_t above_prompt_tokens = 0;
    double input = 0, output = 0;
    std::optional<double> cached_input = {}, cache_write_input = {}, reasoning_output = {};
    std::optional<double> audio_input = {}, audio_output = {};
};
struct PriceOptions : TierOptions {
    double per_request = 0;
    std::int64_t max_output_tokens = 0;
    std::vector<TierOptions> tiers = {};
};
/// The keys of a price.  A function, because the keys of the plugin are made of it at the start of the
/// process.
Fields<PriceOptions> price_fields();

/// In 1e-12 of the currency.
struct TokenPrices {
    std::int64_t input = 0, cached = 0, cache_write = 0, audio_input = 0;
    std::int64_t output = 0, reasoning = 0, audio_output = 0;
};

class RoutePrice {
public:
    /// Throws KeyError, with paths below `path`.
    RoutePrice(const PriceOptions& options, const std::string& path);
    explicit RoutePrice(const Price& price);

    /// At most most_nano.  Invalid numbers of an upstream count as 0.
    Nano cost(const Usage& usage) const;
    /// The cost of these numbers of tokens.
    Nano cost(std::int64_t prompt, std::int64_t output) const;
    /// The tokens of output that `money` pays for, after a prompt.
    std::int64_t affordable_output(std::int64_t prompt, Nano money) const;
    /// The highest number of tokens of a response; 0: not known.
    std::int64_t max_output_tokens() const { return max_output_tokens_; }

private:
    const TokenPrices& tier(std::int64_t prompt) const;

    TokenPrices base_;
    std::vector<std::pair<std::int64_t, TokenPrices>> tiers_;  // by the lowest prompt, ascending
    Nano per_request_ = 0;
    std::int64_t max_output_tokens_ = 0;
};

/// Prices by patterns of "provider/model".
class PriceTable {
public:
    /// Throws KeyError.
    explicit PriceTable(const std::map<std::string, PriceOptions>& prices);

    /// A complete name precedes a prefix, and a longer prefix a shorter one; null: there is no price.
    const RoutePrice* find(const Route& route) const;
    const RoutePrice* named(const std::string& pattern) const;

private:
    std::vector<std::pair<std::string, RoutePrice>> all_;  // the first that matches
};

}  // namespace gatehouse::quota
