// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/limits.hpp"

#include <cstdio>

namespace gatehouse::anthropic_dialect {

std::string rfc3339(std::chrono::system_clock::time_point time) {
    namespace chrono = std::chrono;
    const auto seconds = chrono::ceil<chrono::seconds>(time);
    const auto day = chrono::floor<chrono::days>(seconds);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(seconds - day);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

void add_limits(const Standing& standing, std::chrono::system_clock::time_point now, http::Headers& headers) {
    auto add = [&](const LimitState& state, const std::string& unit) {
        const std::string name = "anthropic-ratelimit-" + unit;
        headers.set(name + "-limit", std::to_string(state.limit));
        headers.set(name + "-remaining", std::to_string(state.remaining));
        headers.set(name + "-reset", rfc3339(now + state.reset));
    };
    if (standing.requests) add(*standing.requests, "requests");
    if (standing.tokens) add(*standing.tokens, "tokens");
    if (standing.retry_after) headers.set("retry-after-ms", std::to_string(standing.retry_after->count()));
    for (const auto& [name, value] : standing.headers) headers.set(name, value);
}

}  // namespace gatehouse::anthropic_dialect
