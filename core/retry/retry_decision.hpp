// SPDX-License-Identifier: Apache-2.0
// Decides whether a failed attempt is retried, on which route and when.  Pure
// functions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstddef>

namespace gatehouse::core {

struct FailedAttempt {
    const Error& error;
    int upstream_status;  // 0: no response
    int attempts, max_attempts;
    std::size_t route, routes;  // the failed route, and the number of routes
    std::chrono::milliseconds time_left, longest_wait;
};

struct RetryDecision {
    bool again = false;
    std::size_t route = 0;
    std::chrono::milliseconds wait{0};
};

/// Chooses the next route.  After the last route, starts again at the first with backoff,
/// and only if a retry is safe.  REQUIRES: the client has received no output.
RetryDecision decide_retry(const FailedAttempt& failure);

}  // namespace gatehouse::core
