// SPDX-License-Identifier: Apache-2.0
// How an Error looks to a client of OpenAI: the envelope, its words, its headers.
// Pure functions.  [any thread]
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::openai_dialect {

/// Appends {"error":{"message":…,"type":…,"param":…,"code":…}}.  Of an internal
/// error nothing but a fixed sentence is shown.
void append_error(const Error& error, std::string& out);

/// The whole answer to a request that failed.
http::Response error_response(const Error& error);

}  // namespace gatehouse::openai_dialect
