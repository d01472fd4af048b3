// SPDX-License-Identifier: Apache-2.0
// Error responses of the admin API: problem details (RFC 9457).  Functions without state: any thread.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::core {

/// {"type":"about:blank","title":"Not Found","status":404,"detail":"…"}, with the error's code and param
/// as further members.
http::Response problem(const Error& error);

/// 405 with `allow`, a list of methods.
http::Response not_allowed(const std::string& allow);

}  // namespace gatehouse::core
