// SPDX-License-Identifier: Apache-2.0
// Requests of one client for one model with the same routes.  Their counters and prices are found once and
// kept, because the lookup costs more than counting the request.
#pragma once

#include "plugins/limiter/quota/price_file.hpp"
#include "plugins/limiter/quota/rules.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::quota {

/// The facts that all requests of a class share.  Read-only after its construction: any thread.
class TrafficClass {
public:
    /// `rules` and `prices` outlive this object.
    TrafficClass(const LimitRequest& request, const Rules& rules, const Prices& prices, Seconds now,
                 ModelNames* names);
    TrafficClass(const TrafficClass&) = delete;
    TrafficClass& operator=(const TrafficClass&) = delete;

    /// The hash of the class of `request`.
    static std::size_t hash_of(const LimitRequest& request);
    bool contains(const LimitRequest& request) const;
    /// Whether the class can be kept for other requests: it takes little memory, and a model without a
    /// counter of its own may get one later.
    bool can_be_kept() const;

    const std::string& client() const { return who_id.empty() ? who_name : who_id; }

    std::string authenticator, who_name, who_id, model;
    std::vector<std::string> groups;
    std::vector<Route> routes;
    std::vector<const RoutePrice*> prices;  // in the order of the routes; null: the file has none
    Charges counted;                        // the counters, without reservations
    Seconds until = 0;                      // the end of the first window; until then the counters are right
    bool counts_running = false;            // a rule limits running requests
    mutable std::atomic<bool> is_listed{false};  // the admin API lists the counters
};

/// The classes of the last requests.  Bounded.  [any thread]
class TrafficClasses {
public:
    /// Both outlive this object.
    TrafficClasses(const Rules& rules, const Prices& prices) : rules_(rules), prices_(prices) {}

    std::shared_ptr<const TrafficClass> find(const LimitRequest& request, Seconds now, ModelNames* names);

private:
    static constexpr std::size_t places = 2'048, locks = 16;

    const Rules& rules_;
    const Prices& prices_;
    std::atomic<Seconds> latest_{0};         // if the clock is set back, an ended window stays closed
    std::array<std::mutex, locks> mutexes_;  // each guards the places of its number modulo `locks`
    std::vector<std::shared_ptr<const TrafficClass>> kept_{places};
};

}  // namespace gatehouse::quota
