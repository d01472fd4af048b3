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
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::quota {

/// "provider/model".
inline std::string name_of(const Route& route) { return route.provider + "/" + route.model; }

/// The price of a million tokens, as in the file.
struct TierOptions {
    std::int64_t above_prompt_tokens = 0;
    double input = 0, output = 0;
    std::optional<double> cached_input = {}, cache_write_input = {}, reasoning_output = {};
    std::optional<double> audio_input = {}, audio_output = {}, image_input = {}, image_output = {};
};
struct PriceOptions : TierOptions {
    double per_request = 0, per_image = 0;
    std::int64_t max_prompt_tokens = 0, max_output_tokens = 0;
    std::vector<TierOptions> tiers = {};
};
/// The keys of a price.  A function, because the keys of the plugin are made of it at the start of the
/// process.
Fields<PriceOptions> price_fields();

/// The parts of a request that may have prices of their own and that not every request has.
struct PricedParts {
    bool audio_input = false, audio_output = false, image_input = false, image_output = false;
};

/// In 1e-12 of the currency.
struct TokenPrices {
    std::int64_t input = 0, cached = 0, cache_write = 0, audio_input = 0, image_input = 0;
    std::int64_t output = 0, reasoning = 0, audio_output = 0, image_output = 0;

    /// The dearest token of a prompt or of a response.
    std::int64_t highest_input(const PricedParts& parts) const;
    std::int64_t highest_output(const PricedParts& parts) const;
};

class RoutePrice {
public:
    /// Throws KeyError, with paths below `path`.
    RoutePrice(const PriceOptions& options, const std::string& path);
    explicit RoutePrice(const Price& price);

    /// At most most_nano.  Invalid numbers of an upstream count as 0.  `images` are those of the response.
    Nano cost(const Usage& usage, std::int64_t images = 0) const;
    /// The cost of these numbers of tokens, all of them plain.
    Nano cost(std::int64_t prompt, std::int64_t output) const;
    /// No request with at most these numbers of tokens and only these parts costs more.
    Nano highest_cost(std::int64_t prompt, std::int64_t output, const PricedParts& parts,
                      std::int64_t images = 0) const;
    /// The tokens of output for which highest_cost() is at most `money`.
    std::int64_t affordable_output(std::int64_t prompt, Nano money, const PricedParts& parts) const;
    /// Whether reasoning has a price of its own.
    bool has_reasoning() const { return has_reasoning_; }
    /// The highest number of tokens of a prompt; 0: not known.
    std::int64_t max_prompt_tokens() const { return max_prompt_tokens_; }
    /// The highest number of tokens of a response; 0: not known.
    std::int64_t max_output_tokens() const { return max_output_tokens_; }

private:
    const TokenPrices& tier(std::int64_t prompt) const;
    /// Calls each(prices, prompt) for each tier that a prompt of at most `prompt` tokens may be in, with its
    /// longest prompt.
    template <typename Each>
    void each_tier(std::int64_t prompt, Each&& each) const;

    TokenPrices base_;
    std::vector<std::pair<std::int64_t, TokenPrices>> tiers_;  // by the lowest prompt, ascending
    Nano per_request_ = 0, per_image_ = 0;
    std::int64_t max_prompt_tokens_ = 0, max_output_tokens_ = 0;
    bool has_reasoning_ = false;
};

/// Prices by patterns of "provider/model", or by the name of a model alone.
class PriceTable {
public:
    /// Throws KeyError.
    explicit PriceTable(const std::map<std::string, PriceOptions>& prices,
                        const std::string& path = "prices");

    /// A complete name precedes the name of the model, and that a prefix; a longer prefix precedes a shorter
    /// one.  The time does not depend on the number of prices.  Null: there is no price.
    const RoutePrice* find(const Route& route) const;
    std::size_t size() const { return complete_.size() + prefixes_.size(); }

private:
    std::unordered_map<std::string, RoutePrice> complete_, prefixes_;
    std::vector<std::size_t> lengths_;  // lengths of the prefixes, descending
};

}  // namespace gatehouse::quota
