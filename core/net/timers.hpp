// SPDX-License-Identifier: Apache-2.0
// Timed tasks in a heap of deadlines, without a descriptor.  Owned by a Worker, which arms
// its one timerfd with the next deadline.
// [the loop's thread]
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace gatehouse::core {

class Timers {
public:
    using Clock = std::chrono::steady_clock;
    using Id = std::uint64_t;  // slot and generation, never 0

    Id set(Clock::time_point when, std::function<void()> task);
    /// Cancels a timer.  Ignores 0 and timers that have fired.
    void cancel(Id id);

    /// Returns the earliest deadline; nullopt if there is no timer.
    std::optional<Clock::time_point> next();
    /// Takes the earliest task that is due at `now`.  Returns null if no task is due.
    std::function<void()> take_due(Clock::time_point now);
    /// Cancels all timers.
    void clear();

private:
    struct Slot {
        std::function<void()> task;
        std::uint32_t generation = 1;
        bool waits = false;
    };
    struct Entry {
        Clock::time_point when;
        Id id;
    };
    static bool later(const Entry& a, const Entry& b) { return a.when > b.when; }

    Slot* find(Id id);
    void release(Id id);
    void drop_stale();

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::vector<Entry> heap_;  // may have entries of cancelled timers, which are dropped at the top
    std::size_t waiting_ = 0;
};

}  // namespace gatehouse::core
