// SPDX-License-Identifier: Apache-2.0
// Ends the process if its orderly end takes too long, because a plugin call does not return.
// Owned by main(); the thread exists only while the gateway drains.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gatehouse::core {

class ExitDeadline {
public:
    /// Calls `end` on a thread of its own after `time`, unless this object is destroyed before.
    ExitDeadline(std::chrono::milliseconds time, std::function<void()> end)
        : limit_(Clock::now() + time), thread_([this, end = std::move(end)] {
              std::unique_lock lock(mutex_);
              while (!is_over_ && Clock::now() < limit_) changed_.wait_until(lock, limit_);
              if (!is_over_) end();
          }) {}
    ~ExitDeadline() {
        {
            std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    /// Calls `end` after `time` from now on instead.
    void set(std::chrono::milliseconds time) {
        {
            std::lock_guard lock(mutex_);
            limit_ = Clock::now() + time;
        }
        changed_.notify_one();
    }

private:
    using Clock = std::chrono::steady_clock;

    std::mutex mutex_;
    std::condition_variable changed_;
    Clock::time_point limit_;
    bool is_over_ = false;
    std::thread thread_;  // last: it uses the members above
};

}  // namespace gatehouse::core
