// SPDX-License-Identifier: Apache-2.0
// The rules of all instances of a limiter that have not ended: those before and after a reload.  [any thread]
#pragma once

#include "plugins/limiter/quota/rules.hpp"

#include <algorithm>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace gatehouse::quota {

class ActiveRules {
public:
    /// `rules` outlive the call of leave().
    void enter(const Rules& rules) {
        const std::lock_guard lock(mutex_);
        all_.push_back(&rules);
    }
    void leave(const Rules& rules) {
        const std::lock_guard lock(mutex_);
        std::erase(all_, &rules);
    }

    /// The budgets of `rules` that begin at zero in place of budgets of the instance before it.
    std::vector<const Rule*> restarted(const Rules& rules, Seconds now) const {
        const std::lock_guard lock(mutex_);
        const auto own = std::ranges::find(all_, &rules);
        if (own == all_.begin() || own == all_.end()) return {};
        const auto before = counters_of(**(own - 1), now), after = counters_of(rules, now);
        const auto remains = [&](const std::string& counter) { return after.contains(counter); };
        if (std::ranges::all_of(before, remains)) return {};  // others were added
        std::vector<const Rule*> found;
        for (const Rule& rule : rules.all())
            if (rule.windows && !before.contains(counter_of(rule, now))) found.push_back(&rule);
        return found;
    }

private:
    /// As the names of its counters begin and end.
    static std::string counter_of(const Rule& rule, Seconds now) {
        return rule.id + std::to_string(rule.windows->current(now).start);
    }
    static std::unordered_set<std::string> counters_of(const Rules& rules, Seconds now) {
        std::unordered_set<std::string> counters;
        for (const Rule& rule : rules.all())
            if (rule.windows) counters.insert(counter_of(rule, now));
        return counters;
    }

    mutable std::mutex mutex_;       // guards the next member
    std::vector<const Rules*> all_;  // the newest last
};

}  // namespace gatehouse::quota
