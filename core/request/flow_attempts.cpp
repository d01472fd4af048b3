// SPDX-License-Identifier: Apache-2.0
// RequestFlow's attempts: the choice of the next route, its deadline, and the handling of
// failures.
#include "core/request/request_flow.hpp"

#include "core/net/client/upstream_target.hpp"
#include "core/observe/log.hpp"
#include "core/observe/log_reason.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/explanation.hpp"
#include "core/request/upstream_error.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;
using std::chrono::milliseconds;

namespace {

/// Sets the model name of a route.
void set_model(Operation& operation, const std::string& model) {
    std::visit(
        [&](auto& request) {
            if constexpr (requires { request.model; })
                request.model = model;
            else if constexpr (requires { request.chat; })
                request.chat.model = model;
        },
        operation);
}

milliseconds limit_of(const RoutePolicy& policy, bool streams) {
    return streams ? policy.timeouts.first_byte : policy.timeouts.response;
}

}  // namespace

// Returns false if the dialect has failed, which ends the request.
bool RequestFlow::prepare_formatter() {
    auto formatter = guard(dialect_call("Parsed::formatter"), [&] { return parsed_.formatter(); });
    auto streams =
        formatter ? guard(dialect_call("ResponseFormatter::streams"), [&] { return (*formatter)->streams(); })
                  : Result<bool>(formatter.error());
    if (!streams) {
        refuse(streams.error());
        return false;
    }
    record_.stream = streams_ = *streams;
    formatter_ = *std::move(formatter);
    return true;
}

// Starts the time for all attempts.  It limits the first byte of a streaming response and the
// end of a non-streaming response.
void RequestFlow::prepare_attempts() {
    reached("limit");
    if (!prepare_formatter()) return;
    milliseconds longest{0};
    for (const Candidate& stop : candidates_) longest = std::max(longest, limit_of(*stop.policy, streams_));
    deadline_ = Clock::now() + longest;
    watch_routes();
    begin_attempt();
}

// Skips routes whose circuit breaker is open, and those whose failure does not pass.
bool RequestFlow::find_route() {
    milliseconds wait = milliseconds::max();
    std::string open;  // the routes, for the log
    for (; candidate_ < candidates_.size(); ++candidate_) {
        if (candidate().hopeless) continue;
        const auto refused = candidate().provider->health->refuses(candidate().route.model);
        if (!refused) return true;
        if (record_.explanation) record_.explanation->pass_over(candidate().route, "breaker_open", *refused);
        wait = std::min(wait, *refused);
        open += (open.empty() ? "" : ", ") + candidate().route.provider + "/" + candidate().route.model;
    }
    if (failure_) {
        tell_of(*failure_);
        return false;
    }
    const auto seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
    refuse({.kind = ErrorKind::unavailable,
            .message = "model temporarily unavailable after repeated failures; retry in " +
                       std::to_string(seconds) + " s",
            .detail = "circuit breaker open: " + open,
            .retry_after_seconds = seconds});
    return false;
}

/// Each route has its own timeout from its first attempt on; the longest limits all together.
Deadline RequestFlow::deadline() {
    Candidate& now = candidates_[candidate_];
    if (!now.first_tried) {
        now.first_tried = Clock::now();
        now.provider->health->first_attempt();
    }
    const milliseconds limit = limit_of(*now.policy, streams_);
    return {std::min(deadline_, *now.first_tried + limit), !streams_,
            *now.first_tried + now.policy->timeouts.stream,
            milliseconds(snapshot_.settings.server.hook_timeout_ms)};
}

void RequestFlow::begin_attempt() {
    timer_ = 0;
    record_.end_wait();
    if (!find_route()) return;
    const Route& route = candidate().route;
    auto formatter = std::exchange(formatter_, nullptr);
    if (!formatter) {
        auto another = guard(dialect_call("Parsed::formatter"), [&] { return parsed_.formatter(); });
        if (!another) return refuse(another.error());
        formatter = *std::move(another);
    }

    bill_attempt();
    if (attempt_) attempt_->cancel();
    attempt_.reset();  // its exchange reads the operation, whose model changes next
    if (limited_) limited_->billed = false;
    set_model(parsed_.operation, route.model);
    record_.forget_attempt();
    record_.provider = route.provider;
    record_.upstream_model = route.model;
    ++record_.attempts;
    use_ = instances_.measures_routes() ? RouteUse(candidate().provider->health->loads().use(route.model))
                                        : RouteUse();
    attempt_ = std::make_shared<Attempt>(static_cast<Attempt::Owner&>(*this), worker_, *candidate().provider,
                                         parsed_.operation, std::move(formatter), *hooks_, deadline(),
                                         record_, snapshot_.log, kept_);
    attempt_->start();
    if (!over_ && streams_) watch_silence();
}

// The route has answered, and no other will be tried.
void RequestFlow::note_answer() {
    if (!attempt_) return;  // a hook has answered
    candidate().provider->health->answered(candidate().route.model);
    if (attempt_->answered()) candidate().provider->health->usable_shown();
    if (attempt_->answered() && record_.upstream_start)
        use_.answered(
            std::chrono::duration_cast<RouteLoad::Time>(attempt_->answered_at() - *record_.upstream_start));
    if (candidate_ == 0 || !client_) return;
    (void)guard({instances_.mapper_name(), "ModelMapper::moved", record_.request_id},
                [&] { instances_.mapper().moved(route_query(mapped_model_), candidate().route); });
}

bool RequestFlow::may_send() {
    if (client_ && !client_->half_closed()) return true;
    if (client_)
        disconnect();
    else
        finish(nullptr);
    return false;
}

bool RequestFlow::may_retry(const Error& error, bool elsewhere) {
    if (record_.attempts >= static_cast<int>(snapshot_.settings.upstream.attempts)) return false;
    if (!elsewhere && !candidate().provider->health->may_retry()) return false;
    ++record_.attempts;
    snapshot_.metrics.attempt_failed(record_.provider, error.kind, attempt_->cause(error));
    return true;
}

// Records only the first outcome of a request at a route.
void RequestFlow::record_outcome(const Error& error) {
    ProviderHealth& health = *candidate().provider->health;
    const Outcome verdict = outcome_of(error, attempt_->status());
    if (verdict == Outcome::alive) health.answered(candidate().route.model);
    if (const auto reason = unusable_reason(error, attempt_->status(), attempt_->unsigned_request()))
        health.unusable_shown(*reason);
    else if (shows_use(attempt_->status()))
        health.usable_shown();
    if (verdict == Outcome::failing && !std::exchange(candidates_[candidate_].failed, true))
        health.failed(candidate().route.model);
}

bool RequestFlow::may_try(const Candidate& stop) {
    return !stop.hopeless && stop.provider->health->would_admit(stop.route.model);
}

// A request that changes a stored object is sent once: the upstream may have done it although its response is
// missing.
bool RequestFlow::may_repeat() const {
    const auto* raw = std::get_if<RawRequest>(&parsed_.operation);
    return !raw || !raw->stored || raw->method == "GET";
}

FailedAttempt RequestFlow::failed_attempt(const Error& error) const {
    const auto& upstream = snapshot_.settings.upstream;
    const auto others_may_pass = [&] {
        for (std::size_t i = 0; i < candidates_.size(); ++i)
            if (i != candidate_ && candidates_[i].first_tried && !candidates_[i].hopeless) return true;
        return false;
    };
    FailedAttempt failure{.error = error,
                          .upstream_status = attempt_->status(),
                          .permanent = attempt_->permanent(),
                          .attempts = record_.attempts,
                          .max_attempts = may_repeat() ? static_cast<int>(upstream.attempts) : 1,
                          .routes = candidates_.size(),
                          .others_may_pass = others_may_pass(),
                          .retry_after_seconds = error.retry_after_seconds,
                          .time_left = std::chrono::floor<milliseconds>(deadline_ - Clock::now()),
                          .longest_wait = milliseconds(upstream.retry_wait_ms)};
    if (!may_pass(failure) && failure_) failure.retry_after_seconds = failure_->error.retry_after_seconds;
    return failure;
}

// Chooses the next route with a closed breaker, or the first route again.
RetryDecision RequestFlow::decide_next_attempt(FailedAttempt failure) const {
    const std::size_t routes = candidates_.size();
    auto next_from = [&](std::size_t index) {
        while (index < routes && !may_try(candidates_[index])) ++index;
        return index;
    };
    const std::size_t ahead = next_from(candidate_ + 1);
    failure.route = ahead - 1;
    failure.next_is_new = ahead < routes && !candidates_[ahead].first_tried;
    RetryDecision next = decide_retry(failure);
    next.route = next_from(next.route);
    next.again = next.again && next.route < routes;
    return next;
}

// Keeps the upstream's text for the log, and from the client.
Error RequestFlow::divided(const Error& error) const {
    if (!attempt_->quotes_upstream()) return error;
    const auto target = upstream_target(attempt_->origin());
    return split_for_client_and_log(
        error, parsed_.operation,
        {.status = attempt_->status(),
         .host = target ? std::string_view(target->host) : std::string_view(),
         .request_id = record_.request_id,
         .secrets = attempt_->secrets(),
         .model = record_.upstream_model,
         .requested_model = record_.model,
         .details_to_client = snapshot_.settings.upstream.error_details == "client"});
}

void RequestFlow::log_failure(const char* message, const Error& reason) const {
    const std::string status = std::to_string(attempt_->status());
    snapshot_.log.write(Level::info, record_.provider, message,
                        {{"request_id", record_.request_id},
                         {"trace_id", trace_id()},
                         {"model", record_.upstream_model},
                         {"endpoint", attempt_->origin()},
                         {"status", status},
                         {"upstream_id", record_.upstream_request_id},
                         {"cause", cause_name(record_.cause)},
                         {"reason", log_reason(reason)}});
}

void RequestFlow::on_failure(const Error& error) {
    auto self = shared_from_this();
    const Error reason = divided(error);  // copied, because the attempt that owns it may be destroyed
    if (!client_) return finish(nullptr);
    if (attempt_->refused_by_hook()) return refuse_after_hook(reason);
    record_.cause = attempt_->cause(reason);
    if (!attempt_->has_output()) record_outcome(reason);
    if (committed_) return fail_stream(reason);
    const FailedAttempt failure = failed_attempt(reason);
    candidates_[candidate_].hopeless = !may_pass(failure);
    const RetryDecision next = decide_next_attempt(failure);
    const bool again = next.again && next.route <= candidate_;
    if (!next.again || (again && !candidates_[next.route].provider->health->may_retry()))
        return refuse_after_attempts(reason, weight_of(failure));
    log_failure("attempt failed, retrying", reason);
    snapshot_.metrics.attempt_failed(record_.provider, reason.kind, record_.cause);
    if (next.route != candidate_) snapshot_.metrics.count(record_.provider, HealthEvent::fallback);
    note_failure(reason, weight_of(failure));
    if (record_.explanation)
        for (std::size_t i = candidate_ + 1; i < next.route; ++i)
            if (!candidates_[i].hopeless)
                record_.explanation->pass_over(candidates_[i].route, "breaker_open", milliseconds(0));
    candidate_ = next.route;
    worker_.loop->cancel(timer_);
    record_.begin_wait();
    // Uses the timer also without a wait, because the failed attempt is still on the stack.
    timer_ = worker_.loop->after(next.wait, [self] {
        if (!self->over_) self->begin_attempt();
    });
}

void RequestFlow::note_failure(const Error& error, int weight) {
    if (failure_ && failure_->weight > weight) return;
    failure_.emplace(PastFailure{error, weight, candidate_, record_.upstream_request_id, attempt_->origin(),
                                 record_.cause});
}

// No attempt follows.
void RequestFlow::refuse_after_attempts(const Error& error, int weight) {
    if (!failure_ || failure_->weight <= weight) return refuse(error);
    log_failure("attempt failed, reporting an earlier failure", error);
    snapshot_.metrics.attempt_failed(record_.provider, error.kind, record_.cause);
    tell_of(*failure_);
}

// The record, and with it the headers of the response, names the route of the failure.
void RequestFlow::tell_of(const PastFailure& failure) {
    bill_attempt();
    const Route& route = candidates_[failure.candidate].route;
    record_.provider = route.provider;
    record_.upstream_model = route.model;
    record_.upstream_request_id = failure.upstream_request_id;
    record_.endpoint = failure.endpoint;
    record_.cause = failure.cause;
    record_.error_counted = true;
    refuse(failure.error);
}

}  // namespace gatehouse::core
