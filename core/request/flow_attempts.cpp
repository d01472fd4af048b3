// SPDX-License-Identifier: Apache-2.0
// From the routes to an answer: which one is tried next, until when, and what a failure
// leads to.
#include "core/request/request_flow.hpp"

#include "core/observe/log.hpp"
#include "core/observe/log_reason.hpp"
#include "core/plugin/guard.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;
using std::chrono::milliseconds;

namespace {

/// Names the model as the provider of a route knows it.
void set_model(Operation& operation, const std::string& model) {
    std::visit(
        [&](auto& request) {
            if constexpr (requires { request.model; }) request.model = model;
        },
        operation);
}

}  // namespace

// The time for everything that follows starts here: for a stream until the
// first byte of an answer, for a whole answer until it is complete.
void RequestFlow::attempt() {
    auto formatter = guard(dialect_->name, [&] { return parsed_.formatter(); });
    if (!formatter) return refuse(formatter.error());
    auto streams = guard(dialect_->name, [&] { return (*formatter)->streams(); });
    if (!streams) return refuse(streams.error());
    record_.stream = streams_ = *streams;
    milliseconds longest{0};
    for (const Stop& stop : stops_)
        longest = std::max(longest, streams_ ? stop.policy->first_byte : stop.policy->answer);
    deadline_ = Clock::now() + longest;
    formatter_ = *std::move(formatter);
    begin_attempt();
}

// A route that keeps failing is passed over.
bool RequestFlow::find_route() {
    milliseconds wait = milliseconds::max();
    for (; stop_ < stops_.size(); ++stop_) {
        const auto refused = stop().provider->health->refuses(stop().route.model);
        if (!refused) return true;
        wait = std::min(wait, *refused);
    }
    if (failure_)
        refuse(*std::move(failure_));
    else
        refuse(
            {.kind = ErrorKind::unavailable,
             .message = "this model has failed too often lately and is left alone for a moment",
             .retry_after_seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count())});
    return false;
}

/// Each route has its own time from its first attempt on; all together have the longest.
Deadline RequestFlow::deadline() {
    Stop& now = stops_[stop_];
    if (!now.first_tried) {
        now.first_tried = Clock::now();
        now.provider->health->first_attempt();
    }
    const milliseconds limit = streams_ ? now.policy->first_byte : now.policy->answer;
    return {std::min(deadline_, *now.first_tried + limit), !streams_, *now.first_tried + now.policy->stream};
}

void RequestFlow::begin_attempt() {
    timer_ = 0;
    if (!find_route()) return;
    const Route& route = stop().route;
    auto formatter = std::exchange(formatter_, nullptr);
    if (!formatter) {
        auto another = guard(dialect_->name, [&] { return parsed_.formatter(); });
        if (!another) return refuse(another.error());
        formatter = *std::move(another);
    }

    if (attempt_) attempt_->cancel();
    attempt_.reset();  // its exchange reads the operation, whose model is about to change
    set_model(parsed_.operation, route.model);
    record_.forget_attempt();
    record_.provider = route.provider;
    record_.upstream_model = route.model;
    ++record_.attempts;
    attempt_ = std::make_shared<Attempt>(static_cast<Attempt::Owner&>(*this), worker_, *stop().provider,
                                         parsed_.operation, std::move(formatter), *hooks_, deadline(),
                                         record_, snapshot_.log, kept_);
    attempt_->start();
    if (!over_ && streams_) watch_silence();
}

bool RequestFlow::may_send() {
    if (client_ && !client_->half_closed()) return true;
    if (client_)
        leave();
    else
        over(nullptr);
    return false;
}

bool RequestFlow::may_go_on(const Error& error, bool elsewhere) {
    if (record_.attempts >= static_cast<int>(snapshot_.settings.upstream.attempts)) return false;
    if (!elsewhere && !stop().provider->health->may_retry()) return false;
    ++record_.attempts;
    snapshot_.metrics.attempt_failed(record_.provider, error.kind);
    return true;
}

// One request's attempts at a route say no more of it than its first.
void RequestFlow::judge(const Error& error) {
    ProviderHealth& health = *stop().provider->health;
    const Outcome verdict = outcome_of(error, attempt_->status());
    if (verdict == Outcome::alive) health.answered(stop().route.model);
    if (verdict == Outcome::failing && !std::exchange(stops_[stop_].failed, true))
        health.failed(stop().route.model);
}

// The next route, or if no other is left that may be asked, the first again.
Next RequestFlow::next_attempt(const Error& error) const {
    auto open = [&](std::size_t index) {
        return stops_[index].provider->health->would_admit(stops_[index].route.model);
    };
    std::size_t ahead = stop_ + 1;
    while (ahead < stops_.size() && !open(ahead)) ++ahead;
    const auto& upstream = snapshot_.settings.upstream;
    Next next = next_try({.error = error,
                          .upstream_status = attempt_->status(),
                          .attempts = record_.attempts,
                          .max_attempts = static_cast<int>(upstream.attempts),
                          .route = ahead - 1,
                          .routes = stops_.size(),
                          .time_left = std::chrono::floor<milliseconds>(deadline_ - Clock::now()),
                          .longest_wait = milliseconds(upstream.retry_wait_ms)});
    while (next.route < stops_.size() && !open(next.route)) ++next.route;
    next.again = next.again && next.route < stops_.size();
    return next;
}

void RequestFlow::on_failure(const Error& error) {
    auto self = shared_from_this();
    const Error reason = error;  // the attempt, which owns it, may go
    if (!client_) return over(nullptr);
    if (!attempt_->spoken()) judge(reason);
    if (begun_) return fail_stream(reason);
    const Next next = next_attempt(reason);
    const bool again = next.again && next.route <= stop_;
    if (!next.again || (again && !stops_[next.route].provider->health->may_retry())) return refuse(reason);
    snapshot_.log.write(Level::info, record_.provider, "an attempt failed, another follows",
                        {{"request", record_.request_id},
                         {"model", record_.upstream_model},
                         {"status", std::to_string(attempt_->status())},
                         {"reason", log_reason(reason)}});
    snapshot_.metrics.attempt_failed(record_.provider, reason.kind);
    stop_ = next.route;
    failure_ = reason;
    worker_.loop->cancel(timer_);
    // Also without a wait through the queue: the failed attempt is still on the stack.
    timer_ = worker_.loop->after(next.wait, [self] {
        if (!self->over_) self->begin_attempt();
    });
}

}  // namespace gatehouse::core
