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
        : thread_([this, time, end = std::move(end)] {
              std::unique_lock lock(mutex_);
              if (!over_.wait_for(lock, time, [this] { return is_over_; })) end();
          }) {}
    ~ExitDeadline() {
        {
            std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        over_.notify_one();
        thread_.join();
    }

private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool is_over_ = false;
    std::thread thread_;  // last: it uses the members above
};

}  // namespace gatehouse::core
