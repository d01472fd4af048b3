// SPDX-License-Identifier: Apache-2.0
// Converts errors between a library and the gateway, in both directions.  Functions without state: any
// thread.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// The error of an upstream response, without the library's own error.  A successful response
/// makes an `upstream` error.  `body` may be empty.
Error error_of_answer(const http::ResponseHead& head, std::string_view body,
                      std::chrono::system_clock::time_point now);

/// The library's error.  Absent members are taken from `otherwise`.  Overwrites `json`.
/// Throws Mistake.
Error read_error(std::string& json, const Error& otherwise);

/// Throws the error of create(): a KeyError, or a Mistake.
[[noreturn]] void throw_create_error(std::string& json);

/// The error as JSON, for amend().
std::string error_json(const Error& error);

}  // namespace gatehouse::c_bridge
