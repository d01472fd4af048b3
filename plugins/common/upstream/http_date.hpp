// SPDX-License-Identifier: Apache-2.0
// The dates of HTTP headers, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
// Functions without state: any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gatehouse::upstream {

/// Returns nothing if `text` is not such a date.
std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text);

/// The value of `retry-after`, which is seconds or a date, in seconds, at most an hour.
/// Returns 0 if the value is invalid.
int retry_after_seconds(std::string_view value, std::chrono::system_clock::time_point now);

}  // namespace gatehouse::upstream
