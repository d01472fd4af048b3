// SPDX-License-Identifier: Apache-2.0
// The reason of an Error for the log.  A function without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::core {

/// The detail, which is written for the log; else the message, which is written for the
/// client and may quote what it sent, without what stands in quotes.
inline std::string log_reason(const Error& error) {
    if (!error.detail.empty()) return error.detail;
    const std::string& message = error.message;
    const std::size_t open = message.find('"'), close = message.rfind('"');
    if (open == std::string::npos) return message;
    // From the first quote to the last: what was quoted may have some of its own.
    return message.substr(0, open) + "\"...\"" + (close == open ? "" : message.substr(close + 1));
}

}  // namespace gatehouse::core
