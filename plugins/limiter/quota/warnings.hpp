// SPDX-License-Identifier: Apache-2.0
// Warnings of budgets that are nearly spent: one line in the log for each window.  [any thread]
#pragma once

#include "plugins/limiter/quota/rules.hpp"

#include <mutex>
#include <string>
#include <unordered_set>

namespace gatehouse::quota {

class Warnings {
public:
    /// Logs a line if the budget of `charge` has reached its `warn_at` with `value` for the first time.
    void check(const Charge& charge, std::int64_t value, const std::string& currency, Host& host) {
        const Rule& rule = *charge.rule;
        if (rule.unit != Unit::money || rule.warn_at == 0) return;
        // Divided first, because a budget may be close to the largest number.
        if (value / 100 < rule.limit / 10'000 * rule.warn_at) return;
        {
            const std::lock_guard lock(mutex_);
            if (warned_.size() >= most) warned_.clear();
            if (!warned_.insert(charge.key.id).second) return;
        }
        host.log(Level::warning, "budget nearly spent",
                 {{"budget", charge.shown},
                  {"per", rule.per},
                  {"used", money_text(value)},
                  {"amount", money_text(rule.limit)},
                  {"currency", currency}});
    }

private:
    static constexpr std::size_t most = 10'000;
    std::mutex mutex_;  // guards the next member
    std::unordered_set<std::string> warned_;
};

}  // namespace gatehouse::quota
