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
    std::size_t route = 0, routes;  // the failed route, and the number of routes
    bool next_is_new = false;       // the next route has had no attempt
    bool others_may_pass = false;   // the failure of another route may pass
    int retry_after_seconds = 0;    // from the last failure that may pass
    std::chrono::milliseconds time_left, longest_wait;
};

struct RetryDecision {
    bool again = false;
    std::size_t route = 0;
    std::chrono::milliseconds wait{0};
};

/// Whether the same request may succeed on the same route.
bool may_pass(const FailedAttempt& failure);

/// How well a failure tells the client about its request.  If several routes fail, the client gets the
/// failure of the highest weight, and of equal ones the last.  A refusal of the request itself comes
/// first, then a failure that may pass, because the client may try again.  That a route does not have a
/// model comes last, because another route knows the model.
int weight_of(const FailedAttempt& failure);

/// Chooses the next route.  Each route has one attempt, also beyond `max_attempts`, unless that is 1.
/// After the last route, starts again at the first with backoff, if the failure of any route may pass.
/// REQUIRES: the client has received no output.
RetryDecision decide_retry(const FailedAttempt& failure);

}  // namespace gatehouse::core
