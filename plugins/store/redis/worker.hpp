// SPDX-License-Identifier: Apache-2.0
// A thread with a connection to Redis and a bounded queue of tasks.  It notices the end of an idle
// connection, and connects again at once.  After each failure it waits longer, from 50 ms to 1 s.  [any
// thread]
#pragma once

#include "plugins/store/redis/connection.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace gatehouse::redis_store {

Error unavailable(const std::string& reason);

class Worker {
public:
    Worker(const Address& address, Host& host);
    /// Runs the tasks that wait, as long as Redis answers.
    ~Worker();

    /// Ends `worker` with its instance.  The last completion of an instance may end it on the worker's own
    /// thread, which cannot wait for itself; another thread then does.
    static void end(std::unique_ptr<Worker> worker);

    struct Task {
        std::size_t bytes = 0;
        bool may_repeat = false;  // the same commands twice do no harm
        /// Throws RedisError.
        std::function<void(Connection&)> work = {};
        std::function<void(const Error&)> fail = {};
    };
    void add(Task task);

private:
    using Clock = std::chrono::steady_clock;

    void run();
    void wait();
    void wake();
    int until_restore() const;
    void pause();
    void restore();
    void perform(Task& task);
    bool attempt(Task& task, bool is_last);
    void connect();
    void failed(const std::string& reason);
    void succeeded();

    const Address address_;
    Host* host_;  // null: the instance has ended on this thread

    // Only the thread uses these.
    std::optional<Connection> connection_;
    Clock::time_point connected_{};      // when the thread last connected; 0: never
    Clock::time_point next_connect_{};   // until then calls fail at once, with `refusal_`
    std::string refusal_;                // the reason of the last connection that failed
    Clock::time_point next_restore_{};   // when the thread connects without a task
    std::chrono::milliseconds pause_{};  // before that, after a failure
    std::string failure_;                // the last failure in the log; empty: none since the last success

    std::mutex mutex_;  // guards the next three members
    std::deque<Task> tasks_;
    std::size_t bytes_ = 0;
    bool stopping_ = false;
    const int wake_;  // an eventfd
    std::thread thread_;
};

}  // namespace gatehouse::redis_store
