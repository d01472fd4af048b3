// SPDX-License-Identifier: Apache-2.0
// A thread that runs small tasks one after another and watches file descriptors.
//
// Every worker is a Loop.  Whatever belongs to a request belongs to one Loop
// and is touched on its thread only, so that nothing there needs a lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace gatehouse::core {

/// Told when a watched descriptor is ready.  [the loop's thread]
class Watcher {
public:
    virtual void on_ready(int fd, bool readable, bool writable) = 0;

protected:
    ~Watcher() = default;
};

/// What may have happened on a descriptor.
struct Edge {
    bool readable, writable;
    bool ended;  // nothing more will come after what can be read
};

/// Told once of each change of a descriptor, and so to take what it can.  It may be old
/// news: nothing is proved by it.  [the loop's thread]
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

    /// Runs `task` on the loop's thread, after what was posted before.  [any thread]
    virtual void post(std::function<void()> task) = 0;

    // All others: [the loop's thread].

    /// Runs `task` once after `delay`.  Cheap: no system call unless it is the next to fire.
    virtual TimerId after(std::chrono::milliseconds delay, std::function<void()> task) = 0;
    /// Forgets a timer.  0, or one that has fired, is ignored.
    virtual void cancel(TimerId timer) = 0;

    /// Watches `fd`, level-triggered, for what is asked; a second call changes
    /// it.  `watcher` must live until unwatch().
    virtual void watch(int fd, bool readable, bool writable, Watcher& watcher) = 0;
    /// Watches `fd` once and for all, edge-triggered, in both directions; a second call only
    /// changes who is told.  False if that is impossible.
    virtual bool watch_edges(int fd, EdgeWatcher& watcher) = 0;
    /// Stops watching.  Must be called before `fd` is closed; unknown ones are ignored.
    virtual void unwatch(int fd) = 0;
};

}  // namespace gatehouse::core
