// SPDX-License-Identifier: Apache-2.0
// Converts the failure of a libcurl transfer to an Error with a text for clients and operators.
// Plain function.  [the loop's thread]
#pragma once

#include "core/net/client/curl/curl_library.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// How far a transfer came before it failed.
enum class CurlProgress { connecting, sending, head, body };

/// Returns the Error of a transfer that ended with `code`.  `text` is libcurl's error buffer;
/// it goes to the log only, because it may name files.
Error curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                   std::chrono::milliseconds connect_timeout, const char* text);

/// Whether a transfer that ended with `code` and `text` fails again until a configuration changes.
/// libcurl does not tell an unknown host name from a failed look-up.
bool is_permanent(CURLcode code, std::string_view text);

}  // namespace gatehouse::core
