// SPDX-License-Identifier: Apache-2.0
#include "core/net/helper_threads.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace gatehouse::core {

HelperThreads::HelperThreads(std::size_t threads) : most_(std::max<std::size_t>(threads, 1)) {}

void HelperThreads::stop() {
    std::vector<std::thread> threads;
    std::deque<std::function<void()>>
        dropped;  // destroyed outside the lock: a dropped completion may call back
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(tasks_);
        threads.swap(threads_);
    }
    ready_.notify_all();
    for (std::thread& thread : threads) thread.join();
}

void HelperThreads::run(std::function<void()> task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
        if (idle_ < tasks_.size() && threads_.size() < most_) try {
                threads_.emplace_back([this] { work(); });
            } catch (const std::system_error&) {  // no more threads: the existing threads run the task
                if (threads_.empty()) throw;
            }
    }
    ready_.notify_one();
}

void HelperThreads::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ++idle_;
        ready_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        --idle_;
        if (stopping_) return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        try {
            task();
        } catch (...) {
        }
        task = nullptr;
        lock.lock();
    }
}

}  // namespace gatehouse::core
