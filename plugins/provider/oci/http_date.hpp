// SPDX-License-Identifier: Apache-2.0
// The dates of HTTP headers, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
// A function without state: any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gatehouse::oci {

/// Nothing if `text` is no such date.
std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text);

}  // namespace gatehouse::oci
