// SPDX-License-Identifier: Apache-2.0
// Dates as HTTP writes them (RFC 7231, 7.1.1.1), in any locale.  Pure: [any
// thread].
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::emulator {

/// "Thu, 05 Jan 2014 21:31:40 GMT".
std::string to_http_date(std::chrono::system_clock::time_point time);

/// Returns the time, or nothing if `text` does not have exactly that form.  The
/// day of the week is not checked, because the service's own example has a wrong
/// one.
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

/// "2014-01-05T21:31:40.000Z", as members of JSON have it.
std::string to_rfc3339(std::chrono::system_clock::time_point time);

}  // namespace gatehouse::emulator
