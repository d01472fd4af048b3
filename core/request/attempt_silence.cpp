// SPDX-License-Identifier: Apache-2.0
// An attempt whose upstream sends a complete response and does not end it.
#include "core/request/attempt.hpp"

#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

// A silence of the upstream after which an exchange is asked whether its response may end here.
constexpr std::chrono::milliseconds silence_time{500};

}  // namespace

void Attempt::watch_silence() {
    if (silence_timer_ || !answered() || !std::holds_alternative<ChatRequest>(operation_)) return;
    silence_timer_ = worker_.loop->after(silence_time, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->on_silence();
    });
}

void Attempt::stop_watching() { worker_.loop->cancel(std::exchange(silence_timer_, 0)); }

void Attempt::on_silence() {
    silence_timer_ = 0;
    if (over_ || draining_ || !transfer_ || !exchange_) return;
    // The upstream is not silent if the client is slow, or if a hook waits.
    const bool silent = !std::exchange(fed_, false) && !source_paused();
    if (silent && ends_in_silence(1)) return complete_early();
    watch_silence();
}

// Feeds no bytes, which tells the exchange that the upstream is silent.  Returns true if the response
// is complete then.
bool Attempt::ends_in_silence(int times) {
    for (int i = 0; i < times; ++i) {
        const auto complete = feed({});
        if (!complete) return false;
        if (*complete) return true;
    }
    return false;
}

}  // namespace gatehouse::core
