// SPDX-License-Identifier: Apache-2.0
// The header `retry-after` (RFC 9110, 10.2.3).  A function without state: any thread.
#pragma once

#include <gatehouse/http.hpp>

#include <gatehouse/http.hpp>

#include <chrono>
#include <string_view>

namespace gatehouse::upstream {

/// The value of `retry-after`, which is seconds or a date, in seconds, at most an hour.
/// Returns 0 if the value is invalid.
int retry_after_seconds(std::string_view value, std::chrono::system_clock::time_point now);

/// The seconds of `retry-after`.  If it is missing or invalid, those of `retry-after-ms`, rounded up.
int retry_after_seconds(const http::Headers& headers, std::chrono::system_clock::time_point now);

/// The seconds of `retry-after`.  If it is missing or invalid, those of `retry-after-ms`, rounded up.
int retry_after_seconds(const http::Headers& headers, std::chrono::system_clock::time_point now);

}  // namespace gatehouse::upstream
