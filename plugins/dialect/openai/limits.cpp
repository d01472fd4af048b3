// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/limits.hpp"

#include <cstdio>

namespace gatehouse::openai_dialect {

namespace {

void add_state(const LimitState& state, const std::string& unit, http::Headers& headers) {
    headers.set("x-ratelimit-limit-" + unit, std::to_string(state.limit));
    headers.set("x-ratelimit-remaining-" + unit, std::to_string(state.remaining));
    headers.set("x-ratelimit-reset-" + unit, duration_text(state.reset));
}

/// Seconds with at most three digits after the point, without zeros at their end.
std::string seconds_text(std::chrono::milliseconds time) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%lld.%03lld", static_cast<long long>(time.count() / 1'000),
                  static_cast<long long>(time.count() % 1'000));
    std::string text = digits;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + "s";
}

}  // namespace

std::string duration_text(std::chrono::milliseconds time) {
    using std::chrono::hours, std::chrono::minutes;
    if (time < std::chrono::seconds(1)) return std::to_string(time.count()) + "ms";
    if (time < minutes(1)) return seconds_text(time);
    const auto whole_hours = std::chrono::floor<hours>(time);
    const auto whole_minutes = std::chrono::floor<minutes>(time - whole_hours);
    const std::string rest =
        std::to_string(whole_minutes.count()) + "m" + seconds_text(time - whole_hours - whole_minutes);
    return whole_hours.count() > 0 ? std::to_string(whole_hours.count()) + "h" + rest : rest;
}

void add_limits(const Standing& standing, http::Headers& headers) {
    if (standing.requests) add_state(*standing.requests, "requests", headers);
    if (standing.tokens) add_state(*standing.tokens, "tokens", headers);
    if (standing.retry_after) headers.set("retry-after-ms", std::to_string(standing.retry_after->count()));
    for (const auto& [name, value] : standing.headers) headers.set(name, value);
}

}  // namespace gatehouse::openai_dialect
