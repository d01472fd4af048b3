// SPDX-License-Identifier: Apache-2.0
// Converts the failure of a libcurl transfer to a cause and an error for clients and operators.
// Plain function.  [the loop's thread]
#pragma once

#include "core/net/client/curl/curl_library.hpp"

#include "core/net/client/transfer_failure.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// How far a transfer came before it failed.
enum class CurlProgress { connecting, sending, head, body };

/// Returns the failure of a transfer that ended with `code`.  `text` is libcurl's error buffer;
/// it goes to the log only, because it may name files.  libcurl does not tell an unknown host name
/// from a failed look-up, so that failure is not permanent.
TransferFailure curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                             std::chrono::milliseconds connect_timeout, const char* text);

}  // namespace gatehouse::core
