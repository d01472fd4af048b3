// SPDX-License-Identifier: Apache-2.0
// All that the plugin keeps of a request: its counters, its estimate and the prices of its routes.
// Owned by an Admission, then by a Taken; not synchronized.
#pragma once

#include "plugins/limiter/quota/estimate.hpp"
#include "plugins/limiter/quota/traffic_class.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::quota {

class Plan {
public:
    Plan(const LimitRequest& request, std::shared_ptr<const TrafficClass> traffic, const Options& options,
         Seconds now);

    /// A route that has no price, if a budget counts it; null without one.
    const Route* unpriced() const;
    bool is_stream() const { return stream_; }
    /// Whether a model works for the request.  One about a stored object uses no tokens and costs nothing.
    bool uses_tokens() const { return uses_tokens_; }
    const Estimate& estimate() const { return estimate_; }
    const std::string& id() const { return id_; }
    /// The client, the model and the routes of the request.  It owns the names of the charges.
    const std::shared_ptr<const TrafficClass>& traffic() const { return traffic_; }

    /// The amount that the counter of `charge` takes now.
    std::int64_t amount(const Charge& charge) const;
    /// The limit of output tokens, for each choice, with which the routes that `charge` counts cost at most
    /// `money`.
    std::int64_t affordable_output(const Charge& charge, Nano money) const;
    /// Assumes this limit of output tokens for each choice.
    void shorten(std::int64_t output);
    const std::optional<std::int64_t>& shortened() const { return shortened_; }

    /// The highest cost of these numbers of tokens at any route.
    Nano highest_cost(std::int64_t prompt, std::int64_t output) const;
    /// The price of a route; null: it has none.
    const RoutePrice* price(const Route& route) const;

    std::vector<Charge> charges = {};

private:
    /// The highest result of cost(price) for the routes that `charge` counts.
    template <typename Cost>
    Nano highest(const Charge* charge, Cost&& cost) const;
    bool is_free(const Charge& charge) const;  // all prices of the routes are 0

    const std::vector<Route>& routes() const { return traffic_->routes; }
    /// The price of the route at `index`; null: it has none.
    const RoutePrice* price_at(std::size_t index) const {
        if (const RoutePrice* own = traffic_->prices[index]) return own;
        return index < told_.size() && told_[index] ? &*told_[index] : nullptr;
    }

    std::string id_;
    bool stream_ = false, uses_tokens_ = true;
    std::shared_ptr<const TrafficClass> traffic_;
    std::vector<std::optional<RoutePrice>> told_;  // by the tables of providers, in the order of the routes
    Estimate estimate_;
    std::optional<std::int64_t> shortened_;
};

}  // namespace gatehouse::quota
