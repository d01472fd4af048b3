// SPDX-License-Identifier: Apache-2.0
// Formats an Error for a client of Anthropic's protocol: envelope, message and headers.
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::anthropic_dialect {

/// The status of the response to a failed request.  The protocol has 529 instead of 503, and
/// 400 instead of 422.
int http_status(const Error& error);

/// Appends {"type":"error","error":{"type":…,"message":…,"details":{"error_code":…}}}.  An
/// internal error gets a fixed message.
void append_error(const Error& error, std::string& out);

/// The complete response to a failed request.
http::Response error_response(const Error& error);

}  // namespace gatehouse::anthropic_dialect
