// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/taken.hpp"

#include "plugins/limiter/quota/ledger.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::quota {

namespace {

// A stream is told of each 256 tokens, and reserves more when the next two pieces are not covered.
constexpr std::int64_t tokens_ahead = 512, tokens_more = 1'000;

constexpr std::int64_t most_counted = 1'000'000'000'000;

std::int64_t bounded(std::int64_t tokens) { return std::clamp<std::int64_t>(tokens, 0, most_counted); }

std::int64_t amount_of(const Charge& charge, const Actual& actual) {
    switch (charge.rule->unit) {
        case Unit::requests: return actual.asked ? micro : 0;
        case Unit::tokens: return std::min(actual.prompt + actual.completion, most_counted / 1'000) * micro;
        case Unit::money: return actual.cost;
        case Unit::running: break;
    }
    return 0;
}

}  // namespace

void Actual::add(const Actual& other) {
    asked = asked || other.asked;
    estimated = estimated || other.estimated;
    prompt = bounded(prompt + other.prompt);
    completion = bounded(completion + other.completion);
    cost = std::min(cost + other.cost, most_nano);
}

Actual actual_of(const Plan& plan, const BilledAttempt& attempt, const Habits& habits, Unseen unseen) {
    Actual actual{.asked = attempt.sent || attempt.consumed};
    if (!plan.uses_tokens() || (!attempt.usage && !attempt.consumed)) return actual;
    const RoutePrice* price = plan.price(attempt.route);
    const Estimate& estimate = plan.estimate();
    actual.estimated = !attempt.usage;
    unseen.reasons = estimate.reasons || (price && price->has_reasoning());
    const Usage usage = attempt.usage ? *attempt.usage : habits.likely(attempt, estimate, unseen);
    actual.prompt = bounded(usage.prompt);
    actual.completion = bounded(usage.completion);
    if (price) actual.cost = price->cost(usage, attempt.consumed ? estimate.images : 0);
    return actual;
}

bool Taken::progress(std::int64_t output_tokens) {
    if (!more_) return true;
    const std::int64_t prompt = plan_.estimate().prompt;
    const std::int64_t longest = std::max(plan_.estimate().output_most, output_tokens);
    const std::int64_t ahead = std::min(output_tokens + tokens_ahead, longest);
    const Nano needed = plan_.highest_cost(prompt, ahead);
    const Nano step = plan_.highest_cost(prompt, ahead + tokens_more) - needed;
    if (more_->reach(needed, step)) return true;
    context_.meters.cut.add();
    return false;
}

void Taken::settle(const Bill& bill) {
    std::vector<Actual> attempts;
    attempts.reserve(bill.attempts.size());
    Actual all;
    for (const BilledAttempt& attempt : bill.attempts) {
        const bool last = &attempt == &bill.attempts.back();
        const Unseen unseen{.whole = bill.client_left && last && !plan_.is_stream(), .time = bill.total};
        attempts.push_back(actual_of(plan_, attempt, context_.lasting->habits, unseen));
        all.add(attempts.back());
        if (attempt.usage) context_.lasting->habits.learn(attempt, plan_.estimate(), bill.total);
    }
    for (Charge& charge : plan_.charges) {
        Actual own;
        for (std::size_t i = 0; i < attempts.size() && !charge.counts_all(); ++i)
            if (charge.counts(bill.attempts[i].route)) own.add(attempts[i]);
        charge.actual = amount_of(charge, charge.counts_all() ? all : own);
    }
    context_.lasting->running.leave(plan_);
    if (local_) context_.share.settle(plan_, context_.host.now());
    if (all.asked)
        cost_ = Cost{.nano = all.cost, .currency = context_.options.currency, .estimated = all.estimated};
    if (all.estimated) context_.meters.estimated.add();
    if (all.cost > 0) context_.meters.cost.add(static_cast<double>(all.cost) / 1e9);
    if (context_.journal)
        context_.journal->append(ledger_line(plan_, bill, all, attempts, context_), context_.host);
    replace_reservations();
}

void Taken::replace_reservations() {
    std::vector<NamedChange> changes;
    std::vector<std::pair<std::size_t, WatchedBudget>> budgets;  // by the index of their change
    changes.reserve(plan_.charges.size());
    const Nano more = more_ ? more_->finish() : 0;
    for (Charge& charge : plan_.charges) {
        if (more_ && charge.is_cut()) charge.reserved += more;
        if (charge.rule->unit == Unit::running) continue;
        const std::int64_t difference = charge.actual - charge.reserved;
        if (difference == 0 && !charge.rule->warns()) continue;
        if (charge.rule->warns()) budgets.emplace_back(changes.size(), charge);
        changes.push_back(charge.change(difference));
        // A debt beyond the limit needs longer.
        if (charge.rule->drain.amount > 0 && difference > 0)
            changes.back().keep_for = charge.rule->lifetime(charge.rule->limit + difference);
    }
    if (budgets.empty()) return context_.settlements->add(std::move(changes), plan_.traffic());
    context_.settlements->add(std::move(changes), plan_.traffic(),
                              [lasting = context_.lasting, traffic = plan_.traffic(),
                               budgets = std::move(budgets), currency = context_.options.currency,
                               &warned = context_.meters.warned](const Counts& counts, Host& host) {
                                  for (const auto& [index, budget] : budgets)
                                      if (index < counts.values.size())
                                          lasting->warnings.check(budget, counts.values[index], currency,
                                                                  warned, host);
                              });
}

}  // namespace gatehouse::quota
