// SPDX-License-Identifier: Apache-2.0
// The timeouts of one transfer, with one timer for all of them.  Owned by the transfer.
// [the loop's thread]
#pragma once

#include "core/net/client/http_client.hpp"

#include <chrono>
#include <functional>

namespace gatehouse::core {

class TransferLimits {
public:
    using Clock = std::chrono::steady_clock;
    /// The stage that the transfer waits for.
    enum class Stage : std::uint8_t {
        connection,
        answer,  // the first line of the response
        head,    // the rest of the head
        body,
        nothing,  // reading is paused
    };

    /// A request is resent if the upstream closes the reused connection within this time, because
    /// the upstream has not read the request.  After it the upstream may have processed it.
    static constexpr std::chrono::milliseconds resend_window{2'000};

    /// Takes the timeouts of the route.  Those of the request itself take precedence, and 0 disables
    /// a timeout.
    void begin(const http::Request& request, const RouteTimeouts& timeouts);
    void enter(Stage stage, Clock::time_point now = Clock::now()) {
        stage_ = stage;
        since_ = now;
    }
    /// Records that bytes of the body have come.
    void heard(Clock::time_point now) { since_ = now; }

    Stage stage() const { return stage_; }
    Clock::time_point started() const { return started_; }
    const RouteTimeouts& timeouts() const { return timeouts_; }
    bool exceeded() const { return Clock::now() >= deadline(); }
    /// The failure of the exceeded timeout, with a text for operators.
    TransferFailure failure() const;

    /// Sets the timer so that `on_timer` never runs too late.  `on_timer` must check exceeded() and
    /// call arm() again.  The timer is not reset with every byte, because most responses end first.
    template <typename Task>
    void arm(Loop& loop, Task&& on_timer) {
        const auto when = deadline();
        if (timer_ == 0 || when < armed_) set(loop, when, std::forward<Task>(on_timer));
    }
    void fired() { timer_ = 0; }
    void disarm(Loop& loop);

private:
    using Milliseconds = std::chrono::milliseconds;

    Clock::time_point deadline() const;
    void set(Loop& loop, Clock::time_point when, std::function<void()> task);

    RouteTimeouts timeouts_;
    Clock::time_point started_, since_, armed_;
    Loop::TimerId timer_ = 0;
    Stage stage_ = Stage::connection;
};

}  // namespace gatehouse::core
