// SPDX-License-Identifier: Apache-2.0
// Names for requests, and client text that may be shown.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::core {

/// "req_" and 24 random characters of the URL-safe base64 alphabet: unique, not secret.  [any thread]
std::string new_request_id();

/// `text` without control characters and quotes, at most 100 bytes: fit for a message.
std::string printable(std::string_view text);

}  // namespace gatehouse::core
