// SPDX-License-Identifier: Apache-2.0
// All that the plugin keeps of a request: its counters, its estimate and the prices of its routes.
// Owned by an Admission, then by a Taken; not synchronized.
#pragma once

#include "plugins/limiter/quota/rules.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::quota {

/// Numbers of tokens before the upstream is asked.
struct Estimate {
    std::int64_t prompt = 0, prompt_most = 0;
    std::int64_t output = 0, output_most = 0;  // all choices together
    std::int64_t choices = 1;
};

/// `max_output` is that of the price, 0: not known.
Estimate estimate_of(const LimitRequest& request, std::int64_t max_output, std::int64_t default_output);

class Plan {
public:
    Plan(const LimitRequest& request, std::vector<Charge> charges, const PriceTable& prices,
         const Options& options);

    /// A route that has no price, if a budget counts the request and there is one.
    const Route* unpriced() const;
    bool has_budget() const;
    bool is_stream() const { return stream_; }
    const Estimate& estimate() const { return estimate_; }
    const std::string& id() const { return id_; }
    const std::string& client() const { return client_; }
    const std::string& model() const { return model_; }

    /// The amount that the counter of `charge` takes now.
    std::int64_t amount(const Charge& charge) const;
    /// The limit of output tokens, for each choice, with which the request costs at most `money`.
    std::int64_t affordable_output(Nano money) const;
    /// Assumes this limit of output tokens for each choice.
    void shorten(std::int64_t output);
    const std::optional<std::int64_t>& shortened() const { return shortened_; }

    /// The cost of these numbers of tokens at the dearest route.
    Nano highest_cost(std::int64_t prompt, std::int64_t output) const;
    /// The cost of tokens at a route; 0 if it has no price.
    Nano cost(const Route& route, const Usage& usage) const;

    std::vector<Charge> charges = {};

private:
    bool is_free() const;  // all prices of the routes are 0

    std::string id_, client_, model_;
    bool stream_ = false;
    std::vector<Route> routes_;
    std::vector<std::optional<RoutePrice>> prices_;  // in the order of the routes
    Estimate estimate_;
    std::optional<std::int64_t> shortened_;
};

}  // namespace gatehouse::quota
