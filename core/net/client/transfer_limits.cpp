// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/transfer_limits.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::chrono::milliseconds for_ever = std::chrono::hours(24 * 365);

std::string within(std::chrono::milliseconds limit) {
    return " within " + std::to_string(limit.count()) + " ms";
}

}  // namespace

void TransferLimits::begin(const http::Request& request, const HttpClientSettings& settings) {
    auto of = [](const std::optional<Milliseconds>& own, Milliseconds usual) {
        const Milliseconds limit = own.value_or(usual);
        return limit.count() > 0 ? std::min(limit, for_ever) : for_ever;
    };
    connect_ = of(request.connect_timeout, settings.connect_timeout);
    first_byte_ = of(request.first_byte_timeout, settings.first_byte_timeout);
    idle_ = of(request.idle_timeout, settings.idle_timeout);
    total_ = of(request.total_timeout, settings.total_timeout);
    started_ = Clock::now();
    enter(Stage::connection, started_);
}

TransferLimits::Clock::time_point TransferLimits::deadline() const {
    const auto total = started_ + total_;
    switch (stage_) {
        case Stage::connection: return std::min({total, started_ + first_byte_, since_ + connect_});
        case Stage::answer: return std::min(total, started_ + first_byte_);
        // The timeout applies once to the rest of the head, so that slow bytes cannot extend it.
        case Stage::head:
        case Stage::body: return std::min(total, since_ + idle_);
        case Stage::nothing: break;
    }
    return total;
}

void TransferLimits::set(Loop& loop, Clock::time_point when, std::function<void()> task) {
    const auto now = Clock::now();
    // The first timer check at `early` suffices for all responses that end before it.
    const auto early = started_ + idle_;
    if (stage_ == Stage::answer && now < early) when = std::min(when, early);
    when = std::max(when, now);
    loop.cancel(timer_);
    armed_ = when;
    timer_ = loop.after(std::chrono::ceil<Milliseconds>(when - now), std::move(task));
}

void TransferLimits::disarm(Loop& loop) {
    if (timer_) loop.cancel(std::exchange(timer_, 0));
}

Error TransferLimits::error() const {
    const auto now = Clock::now();
    std::string message;
    if (now >= started_ + total_)
        message = "the upstream did not complete its response" + within(total_);
    else if (stage_ == Stage::connection && now >= since_ + connect_)
        message = "no connection to the upstream" + within(connect_);
    else if (stage_ <= Stage::answer)
        message = "the upstream sent no response" + within(first_byte_);
    else if (stage_ == Stage::head)
        message = "the upstream did not complete the head of its response" + within(idle_);
    else
        message = "the upstream stopped during its response and sent nothing for " +
                  std::to_string(idle_.count()) + " ms";
    return {ErrorKind::timeout, std::move(message)};
}

}  // namespace gatehouse::core
