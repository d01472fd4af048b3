// SPDX-License-Identifier: Apache-2.0
// How a request ended, for the access log and the metrics.  The status alone does not tell: a response that
// broke after its first byte has status 200.
#pragma once

#include "core/observe/record.hpp"

namespace gatehouse::core {

enum class Ending {
    ok,
    failed,  // the client received an error and no part of a response
    cut,     // the response failed after its header was sent
    left,    // the client disconnected before the end
};
constexpr std::size_t endings = 4;

inline Ending ending_of(const RequestRecord& record) {
    if (record.gone || record.status == 0) return Ending::left;
    if (record.status >= 400) return Ending::failed;
    return record.error ? Ending::cut : Ending::ok;
}

constexpr const char* ending_name(Ending outcome) {
    switch (outcome) {
        case Ending::ok: return "ok";
        case Ending::failed: return "failed";
        case Ending::cut: return "cut";
        case Ending::left: return "left";
    }
    return "";
}

}  // namespace gatehouse::core
