// SPDX-License-Identifier: Apache-2.0
// A thread that looks five times a second for plugin calls and workers that do not return.  It logs a slow
// call once, counts it, and tells /health of the [admin] listener when all workers hang.
//
// It wakes no worker and takes no time of a request.  Owned by Gateway.
#pragma once

#include "core/net/loop.hpp"
#include "core/plugin/slow_calls.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::core {

class Log;
class Metrics;

class HangWatch {
public:
    static constexpr std::chrono::milliseconds period{200};
    static constexpr int looks_until_slow = 5, looks_until_hanging = 50;  // 1 s, 10 s

    HangWatch(Log& log, Metrics& metrics) : log_(log), metrics_(metrics) {}
    ~HangWatch() { stop(); }

    /// Starts the thread.  The loops must live until stop().  [main thread]
    void start(std::vector<Loop*> loops);
    void stop();

    /// Looks once.  The thread does this; tests call it with watch() instead of start().
    void look();
    void watch(std::vector<Loop*> loops) { workers_.assign(loops.begin(), loops.end()); }

    /// Whether every worker has hung for ten seconds.  [any thread]
    bool all_hang() const { return all_hang_; }

private:
    struct Watched {
        Watched(Loop* l) : loop(l) {}
        Loop* loop;
        std::uint64_t turn = 0;
        int looks = 0;  // that have found the same turn
    };
    void look_at_workers();
    void run();

    Log& log_;
    Metrics& metrics_;
    SlowCalls slow_calls_{looks_until_slow};
    std::vector<Watched> workers_;
    std::atomic<bool> all_hang_{false};
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace gatehouse::core
