// SPDX-License-Identifier: Apache-2.0
// Helper threads for long or blocking work: signatures, files, local models.  Threads are
// started on demand and stay.  Owned by Gateway.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace gatehouse::core {

class HelperThreads {
public:
    /// Starts at most `threads` threads.
    explicit HelperThreads(std::size_t threads);
    ~HelperThreads() { stop(); }

    /// Waits for the running tasks, and drops waiting and later tasks.
    void stop();

    /// Runs `task` on a helper thread.  An exception that leaves the task is
    /// swallowed; a caller that needs it must catch it in the task.  [any thread]
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
