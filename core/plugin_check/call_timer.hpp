// SPDX-License-Identifier: Apache-2.0
// Decides when a call of the plugin has taken too long.  Processor time counts, not
// elapsed time: a slow or busy machine then ends no call early.  A call that uses no
// processor time, or hardly any, ends after a multiple of the limit.
//
// [one thread]
#pragma once

#include "core/plugin_check/check.hpp"

#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <string>

namespace gatehouse::core::plugin_check {

class CallTimer {
public:
    /// Times the other threads of this process.
    explicit CallTimer(const Effort& effort);
    /// Times the process `child`.  REQUIRES: it has not been reaped.
    CallTimer(const Effort& effort, pid_t child);

    /// The call has made progress.
    void restart();
    /// Call it every few milliseconds.  True if the limit is exceeded since the restart.
    bool over();

private:
    using Clock = std::chrono::steady_clock;

    std::chrono::nanoseconds processor_time() const;

    const std::chrono::seconds limit_;
    bool own_ = false;
    clockid_t clock_ = CLOCK_PROCESS_CPUTIME_ID;
    std::chrono::nanoseconds at_restart_{}, last_{};
    Clock::time_point restarted_, last_moved_;
};

/// The limit in words, such as "10 s of processor time (30 s if idle)".
std::string limit_text(const Effort& effort);

}  // namespace gatehouse::core::plugin_check
