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

void TransferLimits::begin(const http::Request& request, const RouteTimeouts& timeouts) {
    timeouts_ = overridden(timeouts, {.connect = request.connect_timeout,
                                      .first_byte = request.first_byte_timeout,
                                      .response = request.total_timeout,
                                      .idle = request.idle_timeout});
    for (const RouteTimeoutKey<RouteTimeouts>& key : route_timeout_keys<RouteTimeouts>) {
        Milliseconds& limit = timeouts_.*key.member;
        limit = limit.count() > 0 ? std::min(limit, for_ever) : for_ever;
    }
    started_ = Clock::now();
    enter(Stage::connection, started_);
}

TransferLimits::Clock::time_point TransferLimits::deadline() const {
    const auto total = started_ + timeouts_.response;
    switch (stage_) {
        case Stage::connection:
            return std::min({total, started_ + timeouts_.first_byte, since_ + timeouts_.connect});
        case Stage::answer: return std::min(total, started_ + timeouts_.first_byte);
        // The timeout applies once to the rest of the head, so that slow bytes cannot extend it.
        case Stage::head:
        case Stage::body: return std::min(total, since_ + timeouts_.idle);
        case Stage::nothing: break;
    }
    return total;
}

void TransferLimits::set(Loop& loop, Clock::time_point when, std::function<void()> task) {
    const auto now = Clock::now();
    // The first timer check at `early` suffices for all responses that end before it.
    const auto early = started_ + timeouts_.idle;
    if (stage_ == Stage::answer && now < early) when = std::min(when, early);
    when = std::max(when, now);
    loop.cancel(timer_);
    armed_ = when;
    timer_ = loop.after(std::chrono::ceil<Milliseconds>(when - now), std::move(task));
}

void TransferLimits::disarm(Loop& loop) {
    if (timer_) loop.cancel(std::exchange(timer_, 0));
}

TransferFailure TransferLimits::failure() const {
    const auto now = Clock::now();
    const bool connecting = stage_ == Stage::connection;
    std::string message;
    if (now >= started_ + timeouts_.response)
        message = "the upstream did not complete its response" + within(timeouts_.response);
    else if (connecting && now >= since_ + timeouts_.connect)
        message = "no connection to the upstream" + within(timeouts_.connect);
    else if (stage_ <= Stage::answer)
        message = "the upstream sent no response" + within(timeouts_.first_byte);
    else if (stage_ == Stage::head)
        message = "the upstream did not complete the head of its response" + within(timeouts_.idle);
    else
        message = "the upstream stopped during its response and sent nothing for " +
                  std::to_string(timeouts_.idle.count()) + " ms";
    return {{ErrorKind::timeout, std::move(message)},
            connecting ? TransferFault::no_connection : TransferFault::slow};
}

}  // namespace gatehouse::core
