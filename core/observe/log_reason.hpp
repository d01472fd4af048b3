// SPDX-License-Identifier: Apache-2.0
// The reason of an Error for the log.  A function without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::core {

/// Returns the detail of the error.  Without a detail, returns the message with "..." in place of
/// quoted text, because a message may quote the client.
inline std::string log_reason(const Error& error) {
    if (!error.detail.empty()) return error.detail;
    const std::string& message = error.message;
    const std::size_t open = message.find('"'), close = message.rfind('"');
    if (open == std::string::npos) return message;
    // From the first quote to the last, because the quoted text may contain quotes.
    return message.substr(0, open) + "\"...\"" + (close == open ? "" : message.substr(close + 1));
}

}  // namespace gatehouse::core
