// SPDX-License-Identifier: Apache-2.0
// Whether a failed attempt is followed by another, where and when.  Pure
// decisions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstddef>

namespace gatehouse::core {

struct Failure {
    const Error& error;
    int upstream_status;  // 0: the upstream did not answer
    int attempts, max_attempts;
    std::size_t route, routes;  // the one that failed, and how many there are
    std::chrono::milliseconds time_left, longest_wait;
};

struct Next {
    bool again = false;
    std::size_t route = 0;
    std::chrono::milliseconds wait{0};
};

/// The next route first; from the first again with backoff, and only where
/// repeating is sound.  REQUIRES: the client has seen nothing of the answer.
Next next_try(const Failure& failure);

}  // namespace gatehouse::core
