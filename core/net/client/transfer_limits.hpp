// SPDX-License-Identifier: Apache-2.0
// The four limits of time on one transfer, with one timer for all of them.  Part of a
// transfer.  [the loop's thread]
#pragma once

#include "core/net/client/http_client.hpp"

#include <chrono>
#include <functional>

namespace gatehouse::core {

class TransferLimits {
public:
    using Clock = std::chrono::steady_clock;
    /// What is being waited for.
    enum class Stage : std::uint8_t {
        connection,
        answer,  // its first line
        head,    // the rest of it
        body,
        nothing,  // we do not read
    };

    /// An upstream that closes an idle connection just when a request goes out on it has not
    /// seen the request: it is sent again.  Later than this it may have been at work.
    static constexpr std::chrono::milliseconds resend_window{2'000};

    /// The request's own limits, else those of the settings; 0 is none.
    void begin(const http::Request& request, const HttpClientSettings& settings);
    void enter(Stage stage, Clock::time_point now = Clock::now()) {
        stage_ = stage;
        since_ = now;
    }
    /// Something of the body has come.
    void heard(Clock::time_point now) { since_ = now; }

    Stage stage() const { return stage_; }
    Clock::time_point started() const { return started_; }
    std::chrono::milliseconds connect_timeout() const { return connect_; }
    bool exceeded() const { return Clock::now() >= deadline(); }
    /// In words for the person who must act.
    Error error() const;

    /// Sets the timer so that `on_timer` never runs too late: it should look at exceeded(),
    /// and arm again.  Most answers come before, so it is not set anew with every byte.
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

    Milliseconds connect_{}, first_byte_{}, idle_{}, total_{};
    Clock::time_point started_, since_, armed_;
    Loop::TimerId timer_ = 0;
    Stage stage_ = Stage::connection;
};

}  // namespace gatehouse::core
