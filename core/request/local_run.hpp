// SPDX-License-Identifier: Apache-2.0
// One computation of a LocalProvider.  It runs on a helper thread; its events are
// delivered on a loop's thread.  Owned by an Attempt and by the helper thread.
//
// The two threads share a short queue under a mutex.  The computation waits if the
// queue is full, because the client is slow.  A cancelled computation learns of it
// at its next call of the sink.
#pragma once

#include "core/net/helper_threads.hpp"
#include "core/net/loop.hpp"

#include <gatehouse/local.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace gatehouse::core {

class LocalRun final : public std::enable_shared_from_this<LocalRun>, LocalSink {
public:
    /// Called on the loop's thread; on_done is the last call.
    class Listener {
    public:
        virtual void on_event(Event event) = 0;
        virtual void on_done(Result<void> result) = 0;

    protected:
        ~Listener() = default;
    };

    /// `keep` keeps the provider alive as long as the computation runs.
    LocalRun(Loop& loop, LocalProvider& provider, std::string instance, Operation operation,
             std::shared_ptr<const void> keep, std::string request_id = {});

    // All of these: [the loop's thread]

    /// `listener` must live until on_done() or cancel().
    void start(HelperThreads& pool, Listener& listener);
    void pause();
    void resume();
    /// Calls the listener no more.
    void cancel();

private:
    bool emit(Event event) override;
    bool sleep(std::chrono::milliseconds time) override;
    bool gone() const override;
    void compute();
    void announce();
    void deliver();

    Loop& loop_;
    LocalProvider& provider_;
    const std::string instance_;
    const Operation operation_;
    const std::shared_ptr<const void> keep_;
    const std::string request_id_;
    Listener* listener_ = nullptr;  // null: no more calls.  [the loop's thread]

    mutable std::mutex mutex_;  // guards all members below
    std::condition_variable changed_;
    std::deque<Event> waiting_;
    std::optional<Result<void>> result_;
    bool announced_ = false, paused_ = false, gone_ = false;
};

}  // namespace gatehouse::core
