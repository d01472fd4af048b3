// SPDX-License-Identifier: Apache-2.0
// Errors between a library and the gateway, both ways.  Functions without state: any
// thread.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// What a bad answer of the upstream says by itself, without a library's word; a good
/// one makes an `upstream` error.  `body` may be empty.
Error error_of_answer(const http::ResponseHead& head, std::string_view body,
                      std::chrono::system_clock::time_point now);

/// What a library says went wrong; what it leaves out is as `otherwise` has it.  `json` is
/// used up.  Throws Mistake.
Error read_error(std::string& json, const Error& otherwise);

/// Why there is no instance.  Always throws: a KeyError, or a Mistake.
[[noreturn]] void throw_create_error(std::string& json);

/// For amend().
std::string error_json(const Error& error);

}  // namespace gatehouse::c_bridge
