// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/top_up.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::quota {

std::shared_ptr<TopUp> TopUp::of(Context& context, const Plan& plan) {
    if (!plan.is_stream() || std::ranges::none_of(plan.charges, &Charge::is_cut)) return nullptr;
    return std::make_shared<TopUp>(context, plan);
}

TopUp::TopUp(Context& context, const Plan& plan)
    : context_(context), settlements_(context.settlements), traffic_(plan.traffic()) {
    for (const Charge& charge : plan.charges)
        if (charge.is_cut()) charges_.push_back(charge);
    reserved_ = std::ranges::min(charges_, {}, &Charge::reserved).reserved;
}

// The context may have ended, and its rules with it: the changes name none.
TopUp::~TopUp() { settlements_->undo(std::move(ticket_), std::move(back_)); }

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
    std::vector<Count> counts, back;
    for (const Charge& charge : charges_) {
        back.push_back(charge.count(-step));
        counts.push_back(charge.count(step));
        counts.back().limit = charge.rule->limit;
    }
    std::optional<Ticket> ticket = settlements_->ticket();
    if (ticket) counts.push_back(ticket->count());
    {
        const std::lock_guard lock(mutex_);
        ticket_ = std::move(ticket);
        back_ = std::move(back);
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
    std::optional<Ticket> ticket = std::exchange(ticket_, std::nullopt);
    std::vector<Count> back = std::exchange(back_, {});
    if (!counts) return settlements_->undo(std::move(ticket), std::move(back));
    settlements_->known(std::move(ticket), counts->added);
    if (!counts->added)
        spent_ = true;
    else if (!finished_)
        added_ += step;
    else
        settlements_->add(std::move(back));
}

Nano TopUp::finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    return added_;
}

}  // namespace gatehouse::quota
