// SPDX-License-Identifier: Apache-2.0
// The header `retry-after` (RFC 9110, 10.2.3).
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/http.hpp"
#include "gatehouse/http_date.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse {

namespace detail {

inline constexpr std::int64_t max_retry_after = 3600;

/// Accepts only digits.  Returns -1 otherwise, and max_retry_after for a larger number.
inline std::int64_t retry_number(std::string_view text) {
    std::int64_t found = -1;
    if (text.empty()) return -1;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, found);
    if (read.ec == std::errc::result_out_of_range) return max_retry_after;
    const bool valid = read.ec == std::errc() && read.ptr == end && text.front() != '-';
    return valid ? std::min(found, max_retry_after) : -1;
}

inline int retry_within_limit(std::int64_t seconds) {
    return static_cast<int>(std::clamp<std::int64_t>(seconds, 0, max_retry_after));
}

}  // namespace detail

/// The value of `retry-after`, which is seconds or a date, in seconds, at most an hour.  Nothing if the value
/// is invalid.
inline std::optional<int> read_retry_after(std::string_view value,
                                           std::chrono::system_clock::time_point now) {
    // "1.5" is not valid, but some upstreams send it.  It is rounded up.
    const std::size_t point = value.find('.');
    const std::string_view fraction = point == value.npos ? "0" : value.substr(point + 1);
    const bool digits = fraction.find_first_not_of("0123456789") == fraction.npos;
    if (const std::int64_t seconds = detail::retry_number(value.substr(0, point)); seconds >= 0 && digits)
        return detail::retry_within_limit(seconds + (point == value.npos ? 0 : 1));

    const auto then = read_http_date(value);
    if (!then) return std::nullopt;
    // Seconds, because the nanoseconds of a year such as 9999 overflow.
    return detail::retry_within_limit((*then - std::chrono::floor<std::chrono::seconds>(now)).count());
}

/// The same, 0 if the value is invalid.
inline int retry_after_seconds(std::string_view value, std::chrono::system_clock::time_point now) {
    return read_retry_after(value, now).value_or(0);
}

/// The seconds of `retry-after`.  If it is missing or invalid, those of `retry-after-ms`, rounded up.
inline int retry_after_seconds(const http::Headers& headers, std::chrono::system_clock::time_point now) {
    if (const auto seconds = read_retry_after(headers.get("retry-after"), now)) return *seconds;
    const std::string_view exact = headers.get("retry-after-ms");
    double milliseconds = 0;
    const auto end = exact.data() + exact.size();
    const auto read = std::from_chars(exact.data(), end, milliseconds);
    if (read.ec != std::errc() || read.ptr != end || !(milliseconds > 0)) return 0;
    return static_cast<int>(std::ceil(std::min(milliseconds / 1000, double{detail::max_retry_after})));
}

}  // namespace gatehouse
