// SPDX-License-Identifier: Apache-2.0
// The dates of HTTP headers, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), in any locale.
// Functions without state: any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::common {

std::string to_http_date(std::chrono::system_clock::time_point time);

/// Returns nothing if `text` is not such a date.
std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text);

}  // namespace gatehouse::common
