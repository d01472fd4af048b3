// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/top_up.hpp"

#include <algorithm>

namespace gatehouse::quota {

TopUp::TopUp(Context& context, const Plan& plan) : context_(context) {
    for (const Charge& charge : plan.charges)
        if (charge.rule->cuts && !charge.rule->shadow && plan.is_stream()) charges_.push_back(charge);
    if (charges_.empty()) return;
    reserved_ = std::ranges::min(charges_, {}, &Charge::reserved).reserved;
}

bool TopUp::reach(Nano needed, Nano step) {
    {
        const std::lock_guard lock(mutex_);
        if (needed <= reserved_ + added_) return true;
        if (spent_) return false;
        if (asking_) return true;
        asking_ = true;
    }
    ask(step);
    const std::lock_guard lock(mutex_);
    return !spent_;
}

void TopUp::ask(Nano step) {
    std::vector<Count> counts;
    for (const Charge& charge : charges_) {
        counts.push_back(charge.count(step));
        counts.back().limit = charge.rule->limit;
    }
    context_.store.add(std::move(counts),
                       Completion<Counts>([self = shared_from_this(), step](Result<Counts> result) {
                           self->on_counts(step, result);
                       }));
}

// A store that fails ends no stream.
void TopUp::on_counts(Nano step, const Result<Counts>& counts) {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    if (!counts) return;
    if (!counts->added) {
        spent_ = true;
    } else if (!finished_) {
        added_ += step;
    } else {
        std::vector<Count> back;
        for (const Charge& charge : charges_) back.push_back(charge.count(-step));
        context_.settlements->add(std::move(back));
    }
}

Nano TopUp::finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    return added_;
}

}  // namespace gatehouse::quota
