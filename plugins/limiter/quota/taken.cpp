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

Actual Taken::actual_of(const Plan& plan, const Bill& bill) {
    Actual actual;
    for (const BilledAttempt& attempt : bill.attempts) {
        actual.asked = actual.asked || attempt.sent || attempt.consumed;
        if (!attempt.usage && !attempt.consumed) continue;
        Usage usage = attempt.usage.value_or(Usage{});
        if (!attempt.usage) {
            actual.estimated = true;
            usage.prompt = plan.estimate().prompt;
            usage.completion = attempt.output_tokens;
        }
        actual.prompt = bounded(actual.prompt + bounded(usage.prompt));
        actual.completion = bounded(actual.completion + bounded(usage.completion));
        actual.cost = std::min(actual.cost + plan.cost(attempt.route, usage), most_nano);
    }
    return actual;
}

bool Taken::progress(std::int64_t output_tokens) {
    if (!more_->applies()) return true;
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
    const Actual actual = actual_of(plan_, bill);
    context_.running.leave(plan_);
    if (local_) {
        std::vector<std::int64_t> amounts;
        for (const Charge& charge : plan_.charges) amounts.push_back(amount_of(charge, actual));
        context_.share.settle(plan_, amounts, context_.host.now());
    }
    std::vector<Count> changes;
    std::vector<Charge> budgets;
    const Nano more = more_->finish();
    for (Charge& charge : plan_.charges) {
        if (charge.rule->cuts && !charge.rule->shadow && plan_.is_stream()) charge.reserved += more;
        if (charge.rule->unit == Unit::running) continue;
        const std::int64_t difference = amount_of(charge, actual) - charge.reserved;
        if (difference == 0) continue;
        changes.push_back(charge.count(difference));
        // A debt beyond the limit needs longer.
        if (charge.rule->drain.amount > 0 && difference > 0)
            changes.back().keep_for = charge.rule->lifetime(charge.rule->limit + difference);
        budgets.push_back(charge);
    }
    if (actual.asked)
        cost_ =
            Cost{.nano = actual.cost, .currency = context_.options.currency, .estimated = actual.estimated};
    if (actual.estimated) context_.meters.estimated.add();
    if (actual.cost > 0) context_.meters.cost.add(static_cast<double>(actual.cost) / 1e9);
    if (context_.journal) context_.journal->append(ledger_line(plan_, bill, actual, context_), context_.host);
    context_.settlements->add(
        std::move(changes), [&context = context_, budgets = std::move(budgets)](const Counts& counts) {
            for (std::size_t i = 0; i < budgets.size() && i < counts.values.size(); ++i)
                context.warnings.check(budgets[i], counts.values[i], context.options.currency, context.host);
        });
}

}  // namespace gatehouse::quota
