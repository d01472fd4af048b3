// SPDX-License-Identifier: Apache-2.0
// Warnings of budgets that are nearly spent: one line in the log, and one in the counter, for each window.
// [any thread]
#pragma once

#include "plugins/limiter/quota/rules.hpp"

#include <mutex>
#include <string>
#include <unordered_set>

namespace gatehouse::quota {

/// The facts about a budget that a warning needs, because it may come after the end of the instance.  The
/// name outlives it.
struct WatchedBudget {
    /// REQUIRES: the rule warns.
    explicit WatchedBudget(const Charge& charge)
        : name(charge.name), limit(charge.rule->limit), warn_at(charge.rule->warn_at) {}
    const CounterName* name;
    Nano limit = 0;
    std::int64_t warn_at = 0;  // percent
};

/// Whether `value` has reached `warn_at` percent of `limit`.
inline bool is_nearly_spent(Nano value, Nano limit, std::int64_t warn_at) {
    // Divided first, because a budget may be close to the largest number.
    return value / 100 >= limit / 10'000 * warn_at;
}

class Warnings {
public:
    /// Logs a line and adds to `warned` if the budget has reached its `warn_at` with `value` for the first
    /// time.
    void check(const WatchedBudget& budget, std::int64_t value, const std::string& currency, Counter& warned,
               Host& host) {
        if (!is_nearly_spent(value, budget.limit, budget.warn_at)) return;
        {
            const std::lock_guard lock(mutex_);
            if (warned_.size() >= most) warned_.clear();
            if (!warned_.insert(budget.name->key.id).second) return;
        }
        warned.add();
        host.log(Level::warning, "budget nearly spent",
                 {{"budget", budget.name->shown},
                  {"per", budget.name->per},
                  {"used", decimal_text(value)},
                  {"amount", decimal_text(budget.limit)},
                  {"currency", currency}});
    }

private:
    static constexpr std::size_t most = 10'000;
    std::mutex mutex_;  // guards the next member
    std::unordered_set<std::string> warned_;
};

}  // namespace gatehouse::quota
