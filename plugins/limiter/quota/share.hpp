// SPDX-License-Identifier: Apache-2.0
// This gateway's share of all limits, counted in its own memory while the store is away.
//
// A rate has an equal share for each gateway.  A budget has a share of the rest that the store has told last;
// a budget that this gateway has never seen has none.  [any thread]
#pragma once

#include "plugins/common/store/counters.hpp"
#include "plugins/limiter/quota/refusals.hpp"

#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::quota {

class Share {
public:
    explicit Share(std::int64_t gateways) : gateways_(gateways), counters_(most) {}

    /// The store has answered: what was counted here ends, and the rest of its budgets is remembered.
    void saw(const Plan& plan, const Values& values) {
        const std::lock_guard lock(mutex_);
        if (std::exchange(used_, false)) counters_ = stores::Counters(most);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Charge& charge = plan.charges[i];
            if (!values[i] || charge.rule->unit != Unit::money) continue;
            if (rests_.size() >= most) rests_.clear();
            rests_[charge.name->key.id] = charge.rule->limit - *values[i];
        }
    }

    /// Takes the request from all shares, or from none and returns false.
    bool take(const Plan& plan, stores::Time now) {
        const std::lock_guard lock(mutex_);
        used_ = true;
        std::vector<Count> counts;
        for (const Charge& charge : plan.charges)
            if (charge.rule->unit != Unit::running) counts.push_back(part(charge, plan.amount(charge)));
        const auto taken = counters_.add(counts, now);
        return taken && taken->added;
    }

    /// Replaces the amounts that `plan` has taken by the actual ones.
    void settle(const Plan& plan, stores::Time now) {
        const std::lock_guard lock(mutex_);
        std::vector<Count> counts;
        for (const Charge& charge : plan.charges) {
            if (charge.rule->unit == Unit::running) continue;
            counts.push_back(part(charge, charge.actual - plan.amount(charge)));
            counts.back().limit = most_nano;
        }
        if (used_) (void)counters_.add(counts, now);
    }

private:
    Count part(const Charge& charge, std::int64_t amount) const {
        const Rule& rule = *charge.rule;
        Count count = charge.count(amount);
        count.drain.amount /= gateways_;
        if (rule.shadow) return count;
        const auto rest = rests_.find(charge.name->key.id);
        const std::int64_t whole = rule.unit != Unit::money ? rule.limit
                                   : rest == rests_.end()   ? 0
                                                            : rest->second;
        count.limit = whole / gateways_;
        return count;
    }

    static constexpr std::size_t most = 100'000;

    const std::int64_t gateways_;
    std::mutex mutex_;  // guards the members below
    stores::Counters counters_;
    std::unordered_map<std::string, std::int64_t> rests_;  // by the id of a budget's counter
    bool used_ = false;
};

}  // namespace gatehouse::quota
