// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/call_timer.hpp"

namespace gatehouse::core::plugin_check {

namespace {

using std::chrono::nanoseconds;

constexpr int slowdown = 20;  // under valgrind
// A call that sleeps and wakes for ever hardly uses the processor.
constexpr int idle_multiple = 3, elapsed_multiple = 30;
// Less than this is the inaccuracy of the clocks.
constexpr nanoseconds noticed = std::chrono::microseconds(100);

std::chrono::seconds limit_of(const Effort& effort) { return effort.patience * (effort.slow ? slowdown : 1); }

nanoseconds read(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

}  // namespace

CallTimer::CallTimer(const Effort& effort) : limit_(limit_of(effort)), own_(true) { restart(); }

CallTimer::CallTimer(const Effort& effort, pid_t child) : limit_(limit_of(effort)) {
    if (::clock_getcpuclockid(child, &clock_) != 0) clock_ = CLOCK_MONOTONIC;
    restart();
}

void CallTimer::restart() {
    at_restart_ = last_ = processor_time();
    restarted_ = last_moved_ = Clock::now();
}

bool CallTimer::over() {
    const nanoseconds used = processor_time();
    const auto now = Clock::now();
    if (used - last_ > noticed) {
        last_ = used;
        last_moved_ = now;
    }
    return used - at_restart_ > limit_ || now - last_moved_ > limit_ * idle_multiple ||
           now - restarted_ > limit_ * elapsed_multiple;
}

nanoseconds CallTimer::processor_time() const {
    return own_ ? read(clock_) - read(CLOCK_THREAD_CPUTIME_ID) : read(clock_);
}

std::string limit_text(const Effort& effort) {
    const auto limit = limit_of(effort);
    return std::to_string(limit.count()) + " s of processor time (" +
           std::to_string((limit * idle_multiple).count()) + " s if idle)";
}

}  // namespace gatehouse::core::plugin_check
