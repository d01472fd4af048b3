// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/habits.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::quota {

namespace {

constexpr double past = 1 - 1.0 / 32;                // the weight of the past with each attempt
constexpr double least_ratio = 0.2, most_ratio = 4;  // a token has at least one byte, and an estimate four
constexpr double most_learned = 1e9;                 // an upstream's number beyond it is not learned

double real(std::int64_t tokens) { return static_cast<double>(tokens); }

std::int64_t times(std::int64_t tokens, double sum, double estimate) {
    const double ratio = std::clamp(sum / estimate, least_ratio, most_ratio);
    return std::llround(real(tokens) * ratio);
}

/// The reasoning that the events have not shown.
double hidden_of(const Usage& usage, std::int64_t shown) {
    const double reasoning = real(usage.reasoning.value_or(0)), all = real(usage.completion);
    if (reasoning <= 0 || reasoning > all) return 0;
    // The text of the events is either all of the completion, or its part without reasoning.
    return std::abs(real(shown) - all) <= std::abs(real(shown) - (all - reasoning)) ? 0 : reasoning;
}

}  // namespace

void Habits::learn(const BilledAttempt& attempt, const Estimate& estimate, std::chrono::microseconds time) {
    const Usage& usage = *attempt.usage;
    for (const std::int64_t one : {usage.prompt, usage.completion})
        if (one < 0 || real(one) > most_learned) return;
    const std::lock_guard lock(mutex_);
    const std::string name = name_of(attempt.route);
    if (routes_.size() >= most_routes && !routes_.contains(name)) return;
    Sums& sums = routes_[name];
    if (usage.prompt > 0) {
        sums.prompt = sums.prompt * past + real(usage.prompt);
        sums.prompt_estimate = sums.prompt_estimate * past + real(estimate.prompt);
    }
    const double hidden = hidden_of(usage, attempt.output_tokens);
    sums.hidden = sums.hidden * past + hidden;
    sums.completion = sums.completion * past + real(usage.completion);
    sums.seconds = sums.seconds * past + std::chrono::duration<double>(time).count();
    sums.answers = sums.answers * past + 1;
    if (attempt.output_tokens == 0) return;
    sums.text = sums.text * past + real(usage.completion) - hidden;
    sums.text_estimate = sums.text_estimate * past + real(attempt.output_tokens);
}

// The tokens that the upstream may have generated in the time of the request, all of them unseen.
double Habits::generated(const Sums& sums, const Estimate& estimate, const Unseen& unseen) {
    if (sums.answers < 1 || sums.seconds <= 0) return real(estimate.output);  // nothing else is known
    return sums.completion / sums.seconds * std::chrono::duration<double>(unseen.time).count();
}

Usage Habits::likely(const BilledAttempt& attempt, const Estimate& estimate, const Unseen& unseen) const {
    Sums sums;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = routes_.find(name_of(attempt.route)); found != routes_.end())
            sums = found->second;
    }
    Usage usage;
    usage.prompt = std::min(times(estimate.prompt, sums.prompt, sums.prompt_estimate),
                            std::max(estimate.prompt_most, estimate.prompt));
    std::int64_t text = times(attempt.output_tokens, sums.text, sums.text_estimate);
    double hidden = 0;
    if (sums.answers >= 1)
        hidden = sums.hidden / sums.answers;
    else if (unseen.reasons && attempt.output_tokens == 0)
        hidden = real(estimate.output);
    const std::int64_t most = std::max(estimate.output_most, attempt.output_tokens);
    if (attempt.output_tokens == 0) {
        const double unseen_tokens = std::min(generated(sums, estimate, unseen), real(most));
        hidden = std::min(hidden, unseen_tokens);
        if (unseen.whole) text = std::llround(unseen_tokens - hidden);
    }
    usage.completion = std::min<std::int64_t>(text + std::llround(hidden), most);
    if (hidden > 0) usage.reasoning = std::max<std::int64_t>(usage.completion - text, 0);
    return usage;
}

}  // namespace gatehouse::quota
