// SPDX-License-Identifier: Apache-2.0
// The event loop of the mock upstream and of the load client: one thread, one
// epoll, sockets registered once and edge-triggered, timers to the nanosecond.
// It costs as little as it can, since its cost disturbs what is measured.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace gatehouse::benchmark {

/// Time of the monotonic clock, which is the same in all processes.
std::int64_t now_ns();

/// Waits for a file or for a time.  Owned by the loop from `dispose` on.
class Handler {
public:
    virtual ~Handler() = default;
    /// The file has become readable or writable, or its peer has left.  Called once per change: write what
    /// waits, and read until a short read; if the peer has left, until the end.
    virtual void ready(bool /*peer_left*/) {}
    /// The time given to `Loop::at` has come.
    virtual void due() {}

private:
    friend class Loop;
    std::int64_t due_at_ = 0;  // 0: no timer
    bool disposed_ = false;
};

class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Until the file is closed.  A file that epoll refuses, such as /dev/null, is never ready.
    void watch(int file, Handler& handler);
    /// One timer per handler: a later call replaces the earlier one.
    void at(std::int64_t when_ns, Handler& handler);
    void cancel(Handler& handler);
    /// Deletes the handler when no event of the running batch can reach it any more.
    void dispose(Handler* handler);

    void run();
    void stop() { running_ = false; }

private:
    void fire_timers();
    void wait();

    int epoll_;
    bool running_ = false;
    std::set<std::pair<std::int64_t, Handler*>> timers_;
    std::vector<Handler*> disposed_;
};

}  // namespace gatehouse::benchmark
