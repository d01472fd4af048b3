// SPDX-License-Identifier: Apache-2.0
// Whether to ask somebody who keeps failing: closed as long as enough goes well, open
// when too much has failed, then a trial now and then until one succeeds.
//
// A plain value without a clock or a lock of its own: see breakers.hpp.
#pragma once

#include <chrono>
#include <cstdint>

namespace gatehouse::core {

class Breaker {
public:
    using Clock = std::chrono::steady_clock;
    using Milliseconds = std::chrono::milliseconds;

    struct Limits {
        std::int64_t failures = 0;  // this many in `window`, and as many as successes: it opens; 0: never
        Milliseconds rest{1'000};   // until the first trial; doubled with each that fails
    };
    enum class Change { none, opened, closed };

    static constexpr Milliseconds window{10'000};
    static constexpr Milliseconds longest_rest{30'000};

    /// Whether one may ask now.  Of an open breaker, who is told yes is the trial: the
    /// next one waits for its outcome, or as long as a rest, if it never has one.
    bool admit(Clock::time_point now, const Limits& limits);
    /// The same, without becoming the trial.
    bool would_admit(Clock::time_point now) const { return !open_ || now >= next_trial_; }
    /// Until somebody may ask.  REQUIRES: not would_admit().
    Milliseconds wait(Clock::time_point now) const;

    Change succeeded(Clock::time_point now);
    Change failed(Clock::time_point now, const Limits& limits);

    bool open() const { return open_; }
    /// It would behave like a new one.
    bool forgettable(Clock::time_point now) const;

private:
    struct Half {
        std::int64_t failed = 0, succeeded = 0;
    };
    void turn(Clock::time_point now);
    void rest(Clock::time_point now, const Limits& limits);

    // The window in two halves: the running one and the one before.
    Half recent_, before_;
    Clock::time_point half_began_{}, next_trial_{};
    int rests_ = 0;  // in a row, without a success
    bool open_ = false, trying_ = false;
};

}  // namespace gatehouse::core
