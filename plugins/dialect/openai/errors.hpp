// SPDX-License-Identifier: Apache-2.0
// Formats an Error for an OpenAI client: envelope, message and headers.
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::openai_dialect {

/// The message as a sentence.  An internal error gets a fixed one.
std::string message_for_client(const Error& error);

/// Appends {"error":{"message":…,"type":…,"param":…,"code":…}}.  An internal
/// error gets a fixed message.
void append_error(const Error& error, std::string& out);

/// The complete response to a failed request.
http::Response error_response(const Error& error);

}  // namespace gatehouse::openai_dialect
