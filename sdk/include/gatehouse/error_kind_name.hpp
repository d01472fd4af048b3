// SPDX-License-Identifier: Apache-2.0
// The words for ErrorKind, in logs, labels and traces, and their number.  No interface uses this header. [any
// thread]
#pragma once

#include "gatehouse/result.hpp"

namespace gatehouse {

inline constexpr int error_kinds = static_cast<int>(ErrorKind::internal) + 1;

/// "rate_limited".  A number that a plugin made up is "internal".
constexpr const char* kind_name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_config: return "bad_config";
        case ErrorKind::bad_request: return "bad_request";
        case ErrorKind::context_length: return "context_length";
        case ErrorKind::unauthenticated: return "unauthenticated";
        case ErrorKind::forbidden: return "forbidden";
        case ErrorKind::not_found: return "not_found";
        case ErrorKind::conflict: return "conflict";
        case ErrorKind::too_large: return "too_large";
        case ErrorKind::unprocessable: return "unprocessable";
        case ErrorKind::unsupported: return "unsupported";
        case ErrorKind::rate_limited: return "rate_limited";
        case ErrorKind::upstream: return "upstream";
        case ErrorKind::unavailable: return "unavailable";
        case ErrorKind::timeout: return "timeout";
        case ErrorKind::internal: return "internal";
    }
    return "internal";
}

}  // namespace gatehouse
