// SPDX-License-Identifier: Apache-2.0
// Decides whether a failed attempt is retried, on which route and when.  Pure
// functions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstddef>

namespace gatehouse::core {

struct Failure {
    const Error& error;
    int upstream_status;  // 0: no response
    int attempts, max_attempts;
    std::size_t route, routes;  // the failed route, and the number of routes
    std::chrono::milliseconds time_left, longest_wait;
};

struct Next {
    bool again = false;
    std::size_t route = 0;
    std::chrono::milliseconds wait{0};
};

/// Chooses the next route.  After the last route, starts again at the first with backoff,
/// and only if a retry is safe.  REQUIRES: the client has received no output.
Next next_try(const Failure& failure);

}  // namespace gatehouse::core
