// SPDX-License-Identifier: Apache-2.0
// A Host with four helper threads and real timers, whose clock a test may move.
#pragma once

#include <gatehouse/testing.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace gatehouse::testing {

class ThreadHost final : public Host {
public:
    ThreadHost() {
        for (int i = 0; i < 4; ++i) threads_.emplace_back([this] { work(); });
    }
    ~ThreadHost() { stop(); }

    /// Waiting tasks are dropped, as by the core when an instance ends.
    void stop() {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        ready_.notify_all();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

    std::atomic<std::int64_t> moved_ms{0};

    std::chrono::system_clock::time_point now() const override {
        return std::chrono::system_clock::now() + std::chrono::milliseconds(moved_ms);
    }
    const Limits& limits() const override { return limits_; }
    void fetch(http::Request, Completion<http::Response> done) override {
        done(Error{ErrorKind::unavailable, "no network"});
    }
    void after(std::chrono::milliseconds delay, std::function<void()> task) override {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.emplace(Clock::now() + delay, std::move(task));
        ready_.notify_all();
    }
    void run(std::function<void()> task) override { after({}, std::move(task)); }

    std::vector<std::string> logged() const {
        std::lock_guard lock(mutex_);
        return logged_;
    }

private:
    using Clock = std::chrono::steady_clock;

    void write_log(Level, std::string_view message, LogFields fields) override {
        std::string line(message);
        for (const auto& [name, value] : fields)
            if (name != "file") line.append(" ").append(name).append("=").append(value);
        std::lock_guard lock(mutex_);
        logged_.push_back(std::move(line));
    }

    void work() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (tasks_.empty()) {
                ready_.wait(lock);
            } else if (const auto due = tasks_.begin()->first; due > Clock::now()) {
                ready_.wait_until(lock, due);
            } else {
                auto task = std::move(tasks_.begin()->second);
                tasks_.erase(tasks_.begin());
                lock.unlock();
                task();
                task = nullptr;
                lock.lock();
            }
        }
        tasks_.clear();
    }

    const Limits limits_{};
    mutable std::mutex mutex_;
    std::condition_variable ready_;
    std::multimap<Clock::time_point, std::function<void()>> tasks_;
    std::vector<std::string> logged_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace gatehouse::testing
