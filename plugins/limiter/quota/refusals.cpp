// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/refusals.hpp"

#include <algorithm>
#include <cstdio>

namespace gatehouse::quota {

namespace {

using std::chrono::milliseconds;

LimitDecision decision(Error error) {
    LimitDecision made;
    if (error.detail.empty())
        error.detail = error.message;  // it quotes names of the configuration, which the log may show
    made.refusal = std::move(error);
    return made;
}

/// The time in which a counter loses `amount`, rounded up.
/// "0.8 s", "12 s".
std::string shown(milliseconds time) {
    char text[32];
    const double seconds = static_cast<double>(time.count()) / 1'000;
    std::snprintf(text, sizeof text, seconds < 10 ? "%.1f s" : "%.0f s", std::max(seconds, 0.1));
    return text;
}

std::int64_t whole(std::int64_t micros) { return (micros + micro - 1) / micro; }

int retry_seconds(milliseconds time) {
    constexpr std::int64_t a_day = 86'400;
    return static_cast<int>(
        std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(time).count(), 1, a_day));
}

LimitDecision rate_refusal(const Charge& charge, std::int64_t value, milliseconds wait) {
    const Rule& rule = *charge.rule;
    const std::string unit = rule.unit == Unit::requests ? "requests" : "tokens";
    const std::int64_t most = rule.limit / micro;
    LimitDecision made = decision({.kind = ErrorKind::rate_limited,
                                   .message = unit + " per minute of " + charge.name->shown + ": " +
                                              std::to_string(std::min(whole(value), most)) + " of " +
                                              std::to_string(most) + " used; try again in " + shown(wait),
                                   .code = "rate_limit_exceeded",
                                   .retry_after_seconds = retry_seconds(wait)});
    made.standing.retry_after = wait;
    return made;
}

LimitDecision budget_refusal(const Charge& charge, std::int64_t value, std::int64_t amount,
                             const std::string& currency, Seconds now) {
    const Rule& rule = *charge.rule;
    const Seconds rest = charge.name->window.end - now;
    const bool soon = rest <= seconds_per_hour;
    // A client must not learn the costs of others.
    const std::string used = rule.scope.is_shared()
                                 ? ""
                                 : ": " + decimal_text(std::max<std::int64_t>(value, 0)) + " of " +
                                       decimal_text(rule.limit) + " " + currency + " are used or reserved";
    LimitDecision made =
        decision({.kind = ErrorKind::rate_limited,
                  .message = "the budget of " + charge.name->shown + " for this " + rule.per +
                             " does not cover this request, which may cost up to " + decimal_text(amount) +
                             " " + currency + used + "; it renews at " + utc_text(charge.name->window.end),
                  .code = "insufficient_quota",
                  .retry_after_seconds = soon ? static_cast<int>(std::max<Seconds>(rest, 1)) : 0});
    return made;
}

/// Whether `a` leaves less of its limit than `b`.
bool is_stricter(const LimitState& a, const std::optional<LimitState>& b) {
    if (!b) return true;
    return static_cast<double>(a.remaining) * static_cast<double>(b->limit) <
           static_cast<double>(b->remaining) * static_cast<double>(a.limit);
}

}  // namespace

LimitDecision refused(const Plan& plan, const Values& values, const std::string& currency, Seconds now) {
    const Charge* worst = nullptr;
    std::int64_t value_of_worst = 0;
    milliseconds longest{-1};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Charge& charge = plan.charges[i];
        const Rule& rule = *charge.rule;
        const std::int64_t amount = plan.amount(charge);
        if (!values[i] || rule.shadow || amount <= 0 || *values[i] + amount <= rule.limit) continue;
        const milliseconds wait = rule.unit == Unit::money
                                      ? milliseconds(std::chrono::seconds(charge.name->window.end - now))
                                      : time_to_lose(*values[i] + amount - rule.limit, rule.drain);
        if (wait <= longest) continue;
        longest = wait;
        worst = &charge;
        value_of_worst = *values[i];
    }
    // A counter may have drained since it refused.
    if (!worst) {
        LimitDecision made = decision({.kind = ErrorKind::rate_limited,
                                       .message = "a limit of this client is used; try again in 1 s",
                                       .code = "rate_limit_exceeded",
                                       .retry_after_seconds = 1});
        made.standing.retry_after = std::chrono::seconds(1);
        return made;
    }
    return worst->rule->unit == Unit::money
               ? budget_refusal(*worst, value_of_worst, plan.amount(*worst), currency, now)
               : rate_refusal(*worst, value_of_worst, longest);
}

LimitDecision too_many_running(const Charge& charge) {
    const std::string most = std::to_string(charge.rule->limit);
    return decision({.kind = ErrorKind::rate_limited,
                     .message = "running requests of " + charge.name->shown + ": " + most + " of " + most +
                                "; try again when one has ended",
                     .code = "concurrency_limit_exceeded",
                     .retry_after_seconds = 1});
}

LimitDecision unpriced(const Route& route, const std::string& model) {
    return decision(
        {.kind = ErrorKind::bad_request,
         .message = "the model '" + model + "' has no price, and a budget of this client needs one",
         .detail = "no price for the route " + route.provider + "/" + route.model,
         .code = "model_not_priced",
         .param = "model"});
}

LimitDecision store_away(const std::string& reason) {
    LimitDecision made = decision({.kind = ErrorKind::unavailable,
                                   .message = "the limits of this client cannot be checked now; retry in 1 s",
                                   .detail = "the store of the limits failed: " + reason,
                                   .code = "limits_unavailable",
                                   .retry_after_seconds = 1});
    made.standing.retry_after = std::chrono::seconds(1);
    return made;
}

const Charge* too_large(const Plan& plan) {
    for (const Charge& charge : plan.charges)
        if (charge.rule->unit == Unit::tokens && !charge.rule->shadow &&
            plan.estimate().prompt - plan.estimate().assumed > charge.rule->limit / micro)
            return &charge;
    return nullptr;
}

LimitDecision exceeds(const Plan& plan, const Charge& charge) {
    return decision({.kind = ErrorKind::bad_request,
                     .message = "the prompt has about " + std::to_string(plan.estimate().prompt) +
                                " tokens, more than the " + std::to_string(charge.rule->limit / micro) +
                                " tokens per minute of " + charge.name->shown,
                     .code = "request_exceeds_limit"});
}

Standing standing_of(const Plan& plan, const Values& values, const std::string& currency) {
    Standing standing;
    std::optional<Nano> left;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Rule& rule = *plan.charges[i].rule;
        if (!values[i] || rule.shadow) continue;
        if (rule.unit == Unit::money) {
            if (rule.scope.is_shared()) continue;
            left = std::min(left.value_or(rule.limit), std::max<Nano>(rule.limit - *values[i], 0));
            continue;
        }
        const LimitState state{.limit = rule.limit / micro,
                               .remaining = std::max<std::int64_t>(rule.limit - *values[i], 0) / micro,
                               .reset = time_to_lose(*values[i], rule.drain)};
        auto& strictest = rule.unit == Unit::requests ? standing.requests : standing.tokens;
        if (is_stricter(state, strictest)) strictest = state;
    }
    if (left) standing.headers.add("x-gatehouse-budget-remaining", decimal_text(*left) + " " + currency);
    return standing;
}

}  // namespace gatehouse::quota
