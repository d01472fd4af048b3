// SPDX-License-Identifier: Apache-2.0
// A thread that runs small tasks one after another and watches file descriptors.
//
// Every worker is a Loop.  All objects of a request belong to one Loop and are used
// on its thread only, so they need no lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace gatehouse::core {

/// Called when a watched descriptor is ready.  [the loop's thread]
class Watcher {
public:
    virtual void on_ready(int fd, bool readable, bool writable) = 0;

protected:
    ~Watcher() = default;
};

/// The events that may have happened on a descriptor.
struct Edge {
    bool readable, writable;
    bool ended;  // no more bytes come after the readable ones
};

/// Called once for each change of a descriptor, so it must read or write until the socket
/// blocks.  An event may be outdated.  [the loop's thread]
class EdgeWatcher {
public:
    virtual void on_edge(Edge edge) = 0;

protected:
    ~EdgeWatcher() = default;
};

class Loop {
public:
    using TimerId = std::uint64_t;  // never 0 for a timer that was set

    virtual ~Loop() = default;

    /// Runs `task` on the loop's thread, after all tasks that were posted before.  [any thread]
    virtual void post(std::function<void()> task) = 0;

    /// Odd while the loop handles events, and another number in each turn.  A loop whose number is odd and
    /// stays the same does not return from one of its tasks.  [any thread]
    virtual std::uint64_t turn() const { return 0; }
    /// Prefers other loops for new connections as long as this one does not return.  [any thread]
    virtual void set_stuck(bool) {}

    // All others: [the loop's thread].

    /// Runs `task` once after `delay`.  Makes no system call unless the timer is the next to fire.
    virtual TimerId after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    /// Cancels a timer.  Ignores 0 and timers that have fired.
    virtual void cancel(TimerId timer) = 0;

    /// Watches `fd`, level-triggered, for the given directions; a second call changes them.
    /// `watcher` must live until unwatch().
    virtual void watch(int fd, bool readable, bool writable, Watcher& watcher) = 0;
    /// Watches `fd`, edge-triggered, in both directions; a second call changes only the watcher.
    /// Returns false if `fd` cannot be watched.
    virtual bool watch_edges(int fd, EdgeWatcher& watcher) = 0;
    /// Stops watching.  Must be called before `fd` is closed.  Ignores unknown descriptors.
    virtual void unwatch(int fd) = 0;
};

}  // namespace gatehouse::core
