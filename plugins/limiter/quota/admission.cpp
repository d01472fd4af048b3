// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/admission.hpp"

#include "plugins/limiter/quota/taken.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatehouse::quota {

namespace {

// A limit of output tokens that was lowered may not fit either, if other requests were faster.
constexpr int most_rounds = 3;

std::vector<Count> opposite(std::vector<Count> changes) {
    for (Count& change : changes) {
        change.amount = -change.amount;
        change.limit = std::numeric_limits<std::int64_t>::max();
    }
    return changes;
}

}  // namespace

// The context may have ended.
Admission::~Admission() { settlements_->undo(std::move(ticket_), opposite(std::move(asked_))); }

void Admission::start() {
    const std::lock_guard lock(mutex_);
    if (const Route* route = plan_.unpriced(); route && context_.options.unpriced == "refuse")
        return refuse(unpriced(*route, plan_.traffic()->model));
    if (const Charge* charge = too_large(plan_)) return refuse(exceeds(plan_, *charge));
    if (const Charge* charge = context_.lasting->running.enter(plan_))
        return refuse(too_many_running(*charge));
    reserve();
    // A store in this process has completed already.
    if (over_) return;
    context_.host.after(std::chrono::milliseconds(context_.options.store_timeout_ms),
                        [self = shared_from_this()] { self->on_timeout(); });
}

void Admission::on_timeout() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(over_, true)) fail("the store did not answer within store_timeout_ms");
}

std::vector<Count> Admission::reservation() {
    std::vector<Count> counts;
    counts.reserve(plan_.charges.size() + 1);  // and a ticket
    for (Charge& charge : plan_.charges) {
        if (charge.rule->unit == Unit::running) continue;
        charge.reserved = plan_.amount(charge);
        Count count = charge.count(charge.reserved);
        if (!charge.rule->shadow) count.limit = charge.rule->limit;
        counts.push_back(std::move(count));
    }
    return counts;
}

void Admission::reserve() {
    std::vector<Count> asked = reservation();
    if (asked.empty()) {
        over_ = true;
        return admit(Values(plan_.charges.size()));
    }
    if (!ticket_) ticket_ = settlements_->ticket();
    // A copy for the case that the result is unknown, which a store in this process hardly needs.
    asked_ = ticket_ ? asked : std::vector<Count>();
    if (ticket_) asked.push_back(ticket_->count());
    context_.store.add(std::move(asked),
                       Completion<Counts>([self = shared_from_this()](Result<Counts> counts) {
                           self->on_counts(std::move(counts));
                       }));
    if (!over_ && !ticket_) asked_ = reservation();
}

Values Admission::values_of(const Counts& counts) const {
    Values values;
    values.reserve(plan_.charges.size());
    std::size_t next = 0;
    for (const Charge& charge : plan_.charges) {
        const bool stored = charge.rule->unit != Unit::running && next < counts.values.size();
        values.push_back(stored ? std::optional(counts.values[next++]) : std::nullopt);
    }
    return values;
}

void Admission::on_counts(Result<Counts> counts) {
    const std::lock_guard lock(mutex_);
    if (counts && !counts->added && !over_ && ++rounds_ < most_rounds && shorten(values_of(*counts)))
        return reserve();
    std::optional<Ticket> ticket = std::exchange(ticket_, std::nullopt);
    std::vector<Count> asked = std::exchange(asked_, {});
    if (counts)
        settlements_->known(std::move(ticket), counts->added);
    else
        settlements_->undo(std::move(ticket), opposite(asked));
    if (std::exchange(over_, true)) {
        // The timer was faster: what this call has taken is given back.
        if (counts && counts->added) settlements_->add(opposite(std::move(asked)));
        return;
    }
    if (!counts) return fail(counts.error().detail.empty() ? counts.error().message : counts.error().detail);
    const Values values = values_of(*counts);
    if (context_.uses_share) context_.share.saw(plan_, values);
    if (counts->added) return admit(values);
    context_.lasting->running.leave(plan_);
    LimitDecision decision = refused(plan_, values, context_.options.currency, context_.now());
    const auto retry_after = decision.standing.retry_after;
    decision.standing = standing_of(plan_, values, context_.options.currency);
    decision.standing.retry_after = retry_after;
    refuse(std::move(decision));
}

// Lowers the limit of the output to what the budgets that refuse can pay.  Returns false if something else
// refuses, or if too little is left.
bool Admission::shorten(const Values& values) {
    if (plan_.estimate().output_most == 0) return false;
    std::int64_t output = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Charge& charge = plan_.charges[i];
        const Rule& rule = *charge.rule;
        const std::int64_t amount = plan_.amount(charge);
        if (!values[i] || rule.shadow || amount <= 0 || *values[i] + amount <= rule.limit) continue;
        if (rule.unit != Unit::money || !rule.shortens) return false;
        output = std::min(output, plan_.affordable_output(charge, rule.limit - *values[i]));
    }
    const std::int64_t now = plan_.estimate().output_most / plan_.estimate().choices;
    if (output < context_.options.shorten_min_tokens || output >= now) return false;
    plan_.shorten(output);
    return true;
}

void Admission::admit(const Values& values, bool local) {
    context_.lasting->standings.saw(*plan_.traffic());
    for (std::size_t i = 0; i < values.size(); ++i) {
        Charge& charge = plan_.charges[i];
        if (!values[i]) {
            charge.reserved = 0;
            continue;
        }
        if (charge.rule->shadow && *values[i] > charge.rule->limit) context_.meters.shadow.add();
    }
    LimitDecision decision;
    decision.standing = standing_of(plan_, values, context_.options.currency);
    decision.max_output_tokens = plan_.shortened();
    if (plan_.shortened()) {
        context_.meters.shortened.add();
        decision.standing.headers.add("x-gatehouse-shortened", std::to_string(*plan_.shortened()));
    }
    context_.meters.admitted.add();
    decision.grant = std::make_unique<Taken>(context_, std::move(plan_), local);
    done_(std::move(decision));
}

// REQUIRES: over_ is set, unless nothing has been asked of the store.
void Admission::refuse(LimitDecision decision) {
    over_ = true;
    context_.meters.refused.add(1, {decision.refusal.code});
    done_(std::move(decision));
}

// The store has failed.
void Admission::fail(const std::string& reason) {
    context_.meters.store_failures.add();
    const std::string& policy = context_.options.on_store_failure;
    const Values unknown(plan_.charges.size());
    if (policy == "allow") return admit(unknown);
    const bool local = policy == "local";
    if (local && context_.share.take(plan_, context_.host.now())) return admit(unknown, true);
    context_.lasting->running.leave(plan_);
    if (local) return refuse(refused(plan_, unknown, context_.options.currency, context_.now()));
    refuse(store_away(reason));
}

}  // namespace gatehouse::quota
