// SPDX-License-Identifier: Apache-2.0
#include "core/http/pool.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

Pool::Pool(std::size_t threads) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) threads_.emplace_back([this] { work(); });
}

void Pool::stop() {
    std::deque<std::function<void()>> dropped;  // destroyed outside the lock: a dropped completion may call back
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped.swap(tasks_);
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Pool::run(std::function<void()> task) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return;
        tasks_.push_back(std::move(task));
    }
    ready_.notify_one();
}

void Pool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
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
