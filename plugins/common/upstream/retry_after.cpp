// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/retry_after.hpp"

#include "plugins/common/text/http_date.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace gatehouse::upstream {

namespace {

constexpr std::int64_t max_seconds = 3600;

/// Accepts only digits.  Returns -1 otherwise, and max_seconds for a larger number.
std::int64_t number(std::string_view text) {
    std::int64_t found = -1;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, found);
    if (read.ec == std::errc::result_out_of_range) return max_seconds;
    const bool valid = read.ec == std::errc() && read.ptr == end && text.front() != '-';
    return valid ? std::min(found, max_seconds) : -1;
}

int within_limit(std::int64_t seconds) {
    return static_cast<int>(std::clamp<std::int64_t>(seconds, 0, max_seconds));
}

}  // namespace

int retry_after_seconds(std::string_view value, std::chrono::system_clock::time_point now) {
    if (value.empty()) return 0;
    // "1.5" is not valid, but some upstreams send it.  It is rounded up.
    const std::size_t point = value.find('.');
    if (const std::int64_t seconds = number(value.substr(0, point)); seconds >= 0)
        return within_limit(seconds + (point == value.npos ? 0 : 1));

    const auto then = common::read_http_date(value);
    // Seconds, because the nanoseconds of a year such as 9999 overflow.
    return then ? within_limit((*then - std::chrono::floor<std::chrono::seconds>(now)).count()) : 0;
}

int retry_after_seconds(const http::Headers& headers, std::chrono::system_clock::time_point now) {
    const std::string_view given = headers.get("retry-after");
    const bool is_number = !given.empty() && given.front() >= '0' && given.front() <= '9';
    if (is_number || common::read_http_date(given)) return retry_after_seconds(given, now);
    const std::string_view exact = headers.get("retry-after-ms");
    double milliseconds = 0;
    const auto end = exact.data() + exact.size();
    const auto read = std::from_chars(exact.data(), end, milliseconds);
    if (read.ec != std::errc() || read.ptr != end || !(milliseconds > 0)) return 0;
    return static_cast<int>(std::ceil(std::min(milliseconds / 1000, double{max_seconds})));
}

}  // namespace gatehouse::upstream
