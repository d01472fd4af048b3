// SPDX-License-Identifier: Apache-2.0
// Converts errors between a library and the gateway, in both directions.  Functions without state: any
// thread.
#pragma once

#include "plugins/common/c_door/members.hpp"
#include "plugins/common/c_door/outlet.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <functional>
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
Error read_error(Members members, const Error& otherwise);

/// Throws the error of a start: a KeyError, or a Mistake.  `otherwise`: the key if the error has none.
[[noreturn]] void throw_create_error(Members members, const std::string& otherwise);

/// The error of a call, from the library's output.  Absent members of the library's error are taken from
/// `otherwise`, which is called for such an error only.
std::optional<Error> error_in(Outcome& said, const std::function<Error()>& otherwise);

/// Checks the result of create().  After an error of the library `name` it destroys `instance`, which may be
/// null, and throws a KeyError.
void check_created(Outcome& said, void* instance, const std::string& name, void (*destroy)(void* instance));

/// The error as JSON, for amend().
std::string error_json(const Error& error);

}  // namespace gatehouse::c_bridge
