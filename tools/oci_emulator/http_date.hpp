// SPDX-License-Identifier: Apache-2.0
// Dates as HTTP writes them (RFC 7231, 7.1.1.1), whatever the locale.  Pure: [any thread].
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

/// "Thu, 05 Jan 2014 21:31:40 GMT".
std::string to_http_date(std::chrono::system_clock::time_point time);

/// The time, or nothing if `text` is not of exactly that form.  Whether the day
/// of the week is the right one is not looked at: the service's own example is not.
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

}  // namespace gatehouse::emulator
