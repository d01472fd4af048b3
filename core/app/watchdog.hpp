// SPDX-License-Identifier: Apache-2.0
// Sends the watchdog notification only while every worker is responsive: each worker must
// run a task between two notifications.  Owned by main().  [main thread]
#pragma once

#include "core/net/loop.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace gatehouse::core {

class Watchdog {
public:
    using Clock = std::chrono::steady_clock;

    /// `alive` is called at least every `interval`; 0: never.  The loops must outlive this object.
    Watchdog(std::vector<Loop*> loops, std::chrono::microseconds interval, std::function<void()> alive)
        : loops_(std::move(loops)), step_(interval / 4), alive_(std::move(alive)) {}

    /// Call this every step() or more often.
    void look() {
        const auto now = Clock::now();
        if (step_.count() == 0 || now < next_) return;
        next_ = now + step_;
        if (*silent_ > 0) return;  // a worker has not run its task yet
        alive_();
        *silent_ = loops_.size();
        for (Loop* loop : loops_) loop->post([silent = silent_] { --*silent; });
    }
    /// Returns 0 if the service manager expects no notifications.
    std::chrono::microseconds step() const { return step_; }

private:
    const std::vector<Loop*> loops_;
    const std::chrono::microseconds step_;
    const std::function<void()> alive_;
    const std::shared_ptr<std::atomic<std::size_t>> silent_ = std::make_shared<std::atomic<std::size_t>>(0);
    Clock::time_point next_{};
};

}  // namespace gatehouse::core
