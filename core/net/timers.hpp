// SPDX-License-Identifier: Apache-2.0
// Tasks that wait for a moment: a heap of deadlines, without any descriptor.
// Owned by a worker, which asks for the next deadline and arms its one timerfd.
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
    /// Forgets a timer; one that has fired, or 0, is ignored.
    void cancel(Id id);

    /// When the first is due; nothing if none waits.
    std::optional<Clock::time_point> next();
    /// Takes one task that is due at `now`, in the order of deadlines.  Null: none is.
    std::function<void()> take_due(Clock::time_point now);
    /// Forgets all.
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
    std::vector<Entry> heap_;  // with entries of cancelled timers, dropped when they surface
    std::size_t waiting_ = 0;
};

}  // namespace gatehouse::core
