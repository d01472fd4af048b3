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
    bool permanent;       // the gateway's own failure to send, which a repetition does not mend
    int attempts, max_attempts;
    std::size_t route, routes;  // the failed route, and the number of routes
    bool next_is_new;           // the next route has had no attempt
    std::chrono::milliseconds time_left, longest_wait;
};

struct RetryDecision {
    bool again = false;
    std::size_t route = 0;
    std::chrono::milliseconds wait{0};
};

/// Whether the same request may succeed on the same route.
bool may_pass(const FailedAttempt& failure);

/// Chooses the next route.  Each route has one attempt, also beyond `max_attempts`, unless that is 1.
/// After the last route, starts again at the first with backoff, if a retry may pass.
/// REQUIRES: the client has received no output.
RetryDecision decide_retry(const FailedAttempt& failure);

}  // namespace gatehouse::core
