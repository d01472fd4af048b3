// SPDX-License-Identifier: Apache-2.0
// The counters that requests of this gateway have used, for the admin API.  Bounded.
// [any thread]
#pragma once

#include "plugins/limiter/quota/traffic_class.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::quota {

/// A counter, without a reference to its rule, which ends with a reload.
struct Counted {
    StoreKey key = {};
    std::string shown = {}, per = {};  // per: a budget's
    Unit unit = Unit::requests;
    std::int64_t limit = 0;
    Drain drain = {};
    Seconds until = 0;  // the end of a budget's window
    bool shadow = false;
};

class Standings {
public:
    void saw(const TrafficClass& traffic) {
        if (traffic.is_listed.load(std::memory_order_relaxed)) return;
        const std::lock_guard lock(mutex_);
        bool has_all = true;
        for (const Charge& charge : traffic.counted.all) {
            const auto found = all_.find(charge.name->key.id);
            if (found == all_.end() && all_.size() >= most) {
                has_all = false;
                continue;
            }
            Counted& counted = found == all_.end() ? all_[charge.name->key.id] : found->second;
            if (!counted.shown.empty() && counted.limit == charge.rule->limit) continue;
            counted = {.key = charge.name->key,
                       .shown = charge.name->shown,
                       .per = charge.rule->per,
                       .unit = charge.rule->unit,
                       .limit = charge.rule->limit,
                       .drain = charge.rule->drain,
                       .until = charge.name->window.end,
                       .shadow = charge.rule->shadow};
        }
        traffic.is_listed.store(has_all, std::memory_order_relaxed);
    }

    /// Those whose owner is `shown`, or all if it is empty, in the order of their names; without the windows
    /// that have ended.
    std::vector<Counted> list(const std::string& shown, Seconds now) {
        const std::lock_guard lock(mutex_);
        std::erase_if(all_, [&](const auto& one) { return one.second.until > 0 && one.second.until <= now; });
        std::vector<Counted> found;
        for (const auto& [id, counted] : all_)
            if (shown.empty() || counted.shown == shown) found.push_back(counted);
        std::ranges::sort(found, {}, [](const Counted& one) { return one.key.id; });
        return found;
    }

private:
    static constexpr std::size_t most = 10'000;
    std::mutex mutex_;  // guards the next member
    std::unordered_map<std::string, Counted> all_;
};

}  // namespace gatehouse::quota
