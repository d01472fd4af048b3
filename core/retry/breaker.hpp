// SPDX-License-Identifier: Apache-2.0
// A circuit breaker of one route or endpoint: closed while most requests succeed, open
// after too many failures, then half-open for one trial request at a time until a trial
// succeeds.
//
// A plain value without a clock or a lock.  Owned by Breakers, whose lock guards it.
#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::core {

class Breaker {
public:
    using Clock = std::chrono::steady_clock;
    using Milliseconds = std::chrono::milliseconds;

    struct Limits {
        std::int64_t failures = 0;          // in `window`, and not fewer than successes: opens; 0: never
        Milliseconds open_interval{1'000};  // until the first trial; doubles with each failed trial
    };
    enum class Change { none, opened, closed };

    static constexpr Milliseconds window{10'000};
    static constexpr Milliseconds longest_open_interval{30'000};

    /// Whether a request may be sent now.  If the breaker is open, a request that is admitted is
    /// the trial.  The next trial waits for its outcome, at most for one open interval.
    bool admit(Clock::time_point now, const Limits& limits);
    /// As admit(), but the request does not become the trial.
    bool would_admit(Clock::time_point now) const { return !open_ || now >= next_trial_; }
    /// The time until a request may be sent.  REQUIRES: not would_admit().
    Milliseconds wait(Clock::time_point now) const;

    Change succeeded(Clock::time_point now);
    Change failed(Clock::time_point now, const Limits& limits);

    bool open() const { return open_; }
    /// Whether this breaker behaves like a new one.
    bool forgettable(Clock::time_point now) const;

private:
    struct Half {
        std::int64_t failed = 0, succeeded = 0;
    };
    void turn(Clock::time_point now);
    void start_open_interval(Clock::time_point now, const Limits& limits);

    // The window in two halves: the current half and the previous half.
    Half recent_, before_;
    Clock::time_point half_began_{}, next_trial_{};
    int open_intervals_ = 0;  // consecutive, without a success
    bool open_ = false, trying_ = false;
};

}  // namespace gatehouse::core
