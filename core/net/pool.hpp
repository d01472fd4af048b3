// SPDX-License-Identifier: Apache-2.0
// Helper threads for what computes long or blocks: signatures, files, local models.
// They are started when there is work for them, and stay.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::core {

class Pool {
public:
    /// `threads` at most.
    explicit Pool(std::size_t threads);
    ~Pool() { stop(); }

    /// Finishes the tasks that run, drops those that wait and those still to come.
    void stop();

    /// Runs `task` on a helper thread.  An exception that leaves it is swallowed:
    /// who needs to know of it catches it inside.  [any thread]
    void run(std::function<void()> task);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::function<void()>> tasks_;
    const std::size_t most_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace gatehouse::core
