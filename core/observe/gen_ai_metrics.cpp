// SPDX-License-Identifier: Apache-2.0
#include "core/observe/gen_ai_metrics.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_model_bytes = 100;

/// `first`, then each `factor` times the one before: the bounds that the conventions advise.
prometheus::Histogram::BucketBoundaries powers(double first, double factor) {
    prometheus::Histogram::BucketBoundaries bounds = {first};
    while (bounds.size() < 14) bounds.push_back(bounds.back() * factor);
    return bounds;
}

const prometheus::Histogram::BucketBoundaries call_seconds = powers(0.01, 2), call_tokens = powers(1, 4);

double call_time(std::chrono::microseconds time) {
    return std::max(0.0, static_cast<double>(time.count()) / 1e6);
}

/// `set` contains `labels`, or has room for them.
bool fits(std::set<prometheus::Labels>& set, const prometheus::Labels& labels, std::size_t most) {
    if (set.contains(labels)) return true;
    if (set.size() >= most) return false;
    set.insert(labels);
    return true;
}

std::string_view call_error(const StoryAttempt& attempt) {
    if (attempt.cancelled) return "client_left";
    return attempt.error ? kind_name(*attempt.error) : std::string_view();
}

}  // namespace

void GenAiMetrics::count(const Story& details) {
    for (const StoryAttempt& attempt : details.attempts)
        if (attempt.sent) count_call(details, attempt);
}

prometheus::Labels GenAiMetrics::labels_of(const Story& details, const StoryAttempt& attempt) {
    prometheus::Labels labels = {{"gen_ai_operation_name", details.operation},
                                 {"gen_ai_provider_name", attempt.plugin},
                                 {"gen_ai_request_model", one_line(attempt.route.model, max_model_bytes)}};
    const std::lock_guard lock(mutex_);
    if (!fits(models_, labels, most_models))
        labels = {{"gen_ai_operation_name", "other"},
                  {"gen_ai_provider_name", "other"},
                  {"gen_ai_request_model", "other"}};
    return labels;
}

void GenAiMetrics::count_call(const Story& details, const StoryAttempt& attempt) {
    const prometheus::Labels plain = labels_of(details, attempt);
    prometheus::Labels labels = plain;
    if (const std::string_view type = call_error(attempt); !type.empty()) {
        labels["error_type"] = type;
        const std::lock_guard lock(mutex_);
        if (!fits(errors_, labels, most_errors)) labels = {{"error_type", "_OTHER"}};
    }
    families_.call_durations.Add(labels, call_seconds).Observe(call_time(attempt.end - *attempt.sent));
    if (details.stream && attempt.first_output)
        families_.call_first_chunks.Add(plain, call_seconds)
            .Observe(call_time(*attempt.first_output - *attempt.sent));
    if (!attempt.usage) return;
    const auto count = [&](const char* type, std::int64_t tokens) {
        prometheus::Labels typed = plain;
        typed["gen_ai_token_type"] = type;
        if (tokens >= 0) families_.call_tokens.Add(typed, call_tokens).Observe(static_cast<double>(tokens));
    };
    count("input", attempt.usage->prompt);
    count("output", attempt.usage->completion);
}

}  // namespace gatehouse::core
