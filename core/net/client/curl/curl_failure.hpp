// SPDX-License-Identifier: Apache-2.0
// What a failed libcurl transfer means, in words for the person who must act.
// Plain function, called on the transfer's loop.
#pragma once

#include "core/net/client/curl/curl_library.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// How far a transfer came before it failed.
enum class CurlProgress { connecting, sending, head, body };

/// The Error of a transfer that ended with `code`.  `text` is what
/// libcurl wrote into the error buffer: for the log, as it may name files.
Error curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                   std::chrono::milliseconds connect_timeout, const char* text);

}  // namespace gatehouse::core
