// SPDX-License-Identifier: Apache-2.0
#include "core/retry/retry_decision.hpp"

#include <algorithm>
#include <random>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_wait{250};
constexpr milliseconds longest_backoff{2'000};

// Whether the request may succeed on another route, even if it fails again on this route.
bool another_route_may_work(const Error& error) {
    switch (error.kind) {
        case ErrorKind::upstream:
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::rate_limited:
        case ErrorKind::not_found:
        case ErrorKind::unsupported:
        case ErrorKind::internal: return true;
        case ErrorKind::bad_config:
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable: return false;
    }
    return false;
}

// Exponential backoff with jitter between half and all of the delay, so that requests that
// failed together are not retried together.
milliseconds backoff(int round) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto longest = std::min(first_wait * (1 << std::min(round, 6)), longest_backoff);
    return milliseconds(std::uniform_int_distribution<long>(longest.count() / 2, longest.count())(random));
}

}  // namespace

bool may_pass(const FailedAttempt& failure) {
    if (failure.permanent) return false;
    switch (failure.error.kind) {
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::rate_limited: return failure.error.code != "insufficient_quota";
        // A retry does not help against rejected credentials or redirects.
        case ErrorKind::upstream: return failure.upstream_status < 300 || failure.upstream_status >= 500;
        case ErrorKind::bad_config:
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::internal: return false;
    }
    return false;
}

int weight_of(const FailedAttempt& failure) {
    if (!another_route_may_work(failure.error)) return 4;
    if (may_pass(failure)) return 3;
    if (failure.error.kind == ErrorKind::unsupported) return 0;
    return failure.error.kind == ErrorKind::not_found ? 1 : 2;
}

RetryDecision decide_retry(const FailedAttempt& failure) {
    if (failure.max_attempts <= 1 || failure.time_left <= milliseconds(0)) return {};
    const bool used_up = failure.attempts >= failure.max_attempts;
    if (failure.route + 1 < failure.routes) {
        if ((used_up && !failure.next_is_new) || !another_route_may_work(failure.error)) return {};
        return {.again = true, .route = failure.route + 1};
    }
    const bool some_may_pass = may_pass(failure) || failure.others_may_pass;
    if (used_up || !some_may_pass || !another_route_may_work(failure.error)) return {};
    const int round = failure.attempts / static_cast<int>(failure.routes) - 1;
    const auto wait =
        std::max(backoff(std::max(round, 0)), milliseconds(1'000) * failure.retry_after_seconds);
    // The client decides about a longer wait: it receives `retry-after`, and may use another
    // service.
    if (wait > failure.longest_wait || wait >= failure.time_left) return {};
    return {.again = true, .route = 0, .wait = wait};
}

}  // namespace gatehouse::core
