// SPDX-License-Identifier: Apache-2.0
// Tells the service manager that the process lives only while every worker does: each
// has to run a task between two signs of life.  [main thread]
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

    /// `alive` is to be called every `interval`; 0: never.  The loops must outlive it.
    Watchdog(std::vector<Loop*> loops, std::chrono::microseconds interval, std::function<void()> alive)
        : loops_(std::move(loops)), step_(interval / 4), alive_(std::move(alive)) {}

    /// To be called every step() or more often.
    void look() {
        const auto now = Clock::now();
        if (step_.count() == 0 || now < next_) return;
        next_ = now + step_;
        if (*silent_ > 0) return;  // somebody has not answered yet
        alive_();
        *silent_ = loops_.size();
        for (Loop* loop : loops_) loop->post([silent = silent_] { --*silent; });
    }
    /// 0: nobody waits for signs of life.
    std::chrono::microseconds step() const { return step_; }

private:
    const std::vector<Loop*> loops_;
    const std::chrono::microseconds step_;
    const std::function<void()> alive_;
    const std::shared_ptr<std::atomic<std::size_t>> silent_ = std::make_shared<std::atomic<std::size_t>>(0);
    Clock::time_point next_{};
};

}  // namespace gatehouse::core
