// SPDX-License-Identifier: Apache-2.0
// How far a client's limits are used, for the headers of a response.
// Plain values, made by a limiter and written by a dialect, because each protocol has its own names.
#pragma once

#include "gatehouse/http.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace gatehouse {

/// The strictest limit of one kind.
struct LimitState {
    std::int64_t limit = 0;             // the most that passes at once
    std::int64_t remaining = 0;         // not negative
    std::chrono::milliseconds reset{};  // until all of it remains, if no request follows
};

struct Standing {
    std::optional<LimitState> requests = {}, tokens = {};  // absent: there is no limit of the kind
    /// The time after which a refused request passes, if no other one comes first.  Absent: it passed,
    /// or waiting does not help.
    std::optional<std::chrono::milliseconds> retry_after = {};
    /// Further headers, which are the same in all protocols.
    http::Headers headers = {};
};

}  // namespace gatehouse
