// SPDX-License-Identifier: Apache-2.0
// The requests that run in this gateway, by counter.  They are not in the store, because a gateway that is
// killed would leave them there.  [any thread]
#pragma once

#include "plugins/limiter/quota/plan.hpp"

#include <mutex>
#include <string>
#include <unordered_map>

namespace gatehouse::quota {

class Running {
public:
    /// Counts the request in all its counters, or in none.  Returns the charge that refuses, or null.
    const Charge* enter(const Plan& plan) {
        if (!plan.traffic()->counts_running) return nullptr;
        const std::lock_guard lock(mutex_);
        for (const Charge& charge : plan.charges) {
            if (charge.rule->unit != Unit::running || charge.rule->shadow) continue;
            const auto found = all_.find(charge.name->key.id);
            if (found != all_.end() && found->second >= charge.rule->limit) return &charge;
        }
        for (const Charge& charge : plan.charges)
            if (charge.rule->unit == Unit::running) ++all_[charge.name->key.id];
        return nullptr;
    }

    void leave(const Plan& plan) {
        if (!plan.traffic()->counts_running) return;
        const std::lock_guard lock(mutex_);
        for (const Charge& charge : plan.charges) {
            if (charge.rule->unit != Unit::running) continue;
            const auto found = all_.find(charge.name->key.id);
            if (found != all_.end() && --found->second <= 0) all_.erase(found);
        }
    }

    std::int64_t count(const std::string& id) const {
        const std::lock_guard lock(mutex_);
        const auto found = all_.find(id);
        return found == all_.end() ? 0 : found->second;
    }

private:
    mutable std::mutex mutex_;  // guards the next member
    std::unordered_map<std::string, std::int64_t> all_;
};

}  // namespace gatehouse::quota
