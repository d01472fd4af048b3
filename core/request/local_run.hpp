// SPDX-License-Identifier: Apache-2.0
// One computation of a LocalProvider: on a helper thread, its events on a loop.
//
// The two threads meet in a short queue under a mutex: when it is full, because
// the client is slow, the computation waits; when nobody wants the answer any
// more, it is told at its next look.
#pragma once

#include "core/net/loop.hpp"
#include "core/net/pool.hpp"

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
    /// Hears of it on the loop's thread; after on_done nothing more is called.
    class Listener {
    public:
        virtual void on_event(Event event) = 0;
        virtual void on_done(Result<void> result) = 0;

    protected:
        ~Listener() = default;
    };

    /// `keep` keeps the provider alive as long as the computation runs.
    LocalRun(Loop& loop, LocalProvider& provider, std::string instance, Operation operation,
             std::shared_ptr<const void> keep);

    // All of these: [the loop's thread]

    /// `listener` must live until on_done() or cancel().
    void start(Pool& pool, Listener& listener);
    void pause();
    void resume();
    /// Nothing more is heard.
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
    Listener* listener_ = nullptr;  // null: nothing more is to be heard.  [the loop's thread]

    mutable std::mutex mutex_;  // guards all that follows
    std::condition_variable changed_;
    std::deque<Event> waiting_;
    std::optional<Result<void>> result_;
    bool announced_ = false, paused_ = false, gone_ = false;
};

}  // namespace gatehouse::core
