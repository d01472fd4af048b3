// SPDX-License-Identifier: Apache-2.0
// RequestFlow's limits: the limiter is asked before the first attempt, told of output while the
// response arrives, and told of all attempts at the end.
#include "core/observe/ending.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/call_plugin_async.hpp"
#include "core/request/request_flow.hpp"

#include <gatehouse/token_estimate.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using std::chrono::duration_cast;
using std::chrono::microseconds;

namespace {

constexpr std::size_t most_unseen_bytes = 256;
constexpr std::size_t travel_bytes = 32;  // eight tokens: 80 ms of a fast model

bool costs(const Operation& operation) {
    return !std::holds_alternative<TokenCountRequest>(operation) &&
           !std::holds_alternative<ModelsRequest>(operation);
}

/// Under the name that the client has used.
void lower_output_limit(Operation& operation, std::int64_t most) {
    auto* chat = std::get_if<ChatRequest>(&operation);
    if (!chat) return;
    auto &older = chat->sampling.max_tokens, &newer = chat->sampling.max_completion_tokens;
    if (newer) newer = std::min(*newer, most);
    if (older || !newer) older = std::min(older.value_or(most), most);
}

}  // namespace

// The completion keeps this flow, so that the limiter's request is valid if the client leaves.
void RequestFlow::limit() {
    const NamedLimiter& named = instances_.limiter();
    if (!named.limiter || !costs(parsed_.operation)) return prepare_attempts();
    limited_ = std::make_unique<Limited>();
    for (const Candidate& one : candidates_) limited_->routes.push_back(one.route);
    limited_->request.emplace(LimitRequest{.id = record_.request_id,
                                           .who = who_,
                                           .authenticator = authenticator_,
                                           .model = record_.model,
                                           .operation = parsed_.operation,
                                           .routes = limited_->routes,
                                           .healths = instances_});
    deciding_ = true;
    await<LimitDecision>(
        *worker_.loop, snapshot_.log, {named.name, "Limiter::admit", record_.request_id},
        [&](Completion<LimitDecision> done) { named.limiter->admit(*limited_->request, std::move(done)); },
        [self = shared_from_this()](Result<LimitDecision> decision) {
            self->on_limit_decision(std::move(decision));
        });
    if (over_ || !deciding_ || timer_) return;
    const std::chrono::milliseconds time(snapshot_.settings.server.hook_timeout_ms);
    timer_ = worker_.loop->after(time, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->over_) return;
        self->timer_ = 0;
        self->refuse({.kind = ErrorKind::unavailable,
                      .message = "the limits of this client cannot be checked now; retry in 1 s",
                      .detail = "the limiter did not complete within hook_timeout_ms",
                      .code = "limits_unavailable",
                      .retry_after_seconds = 1});
    });
}

void RequestFlow::on_limit_decision(Result<LimitDecision> decision) {
    if (decision) limited_->grant = std::move(decision->grant);
    if (over_) return settle();
    deciding_ = false;
    worker_.loop->cancel(std::exchange(timer_, 0));
    if (!decision) return refuse(decision.error());
    limited_->standing = std::move(decision->standing);
    if (!limited_->grant) return refuse(std::move(decision->refusal));
    if (decision->max_output_tokens) lower_output_limit(parsed_.operation, *decision->max_output_tokens);
    prepare_attempts();
}

void RequestFlow::add_limit_headers(http::Headers& headers) const {
    if (!limited_) return;
    const NamedDialect& dialect = error_dialect();
    (void)guard({dialect.name, "Dialect::limits", record_.request_id},
                [&] { dialect.dialect->limits(limited_->standing, headers); });
}

void RequestFlow::report_progress() {
    if (!limited_ || !limited_->grant || record_.text_bytes < limited_->next_progress) return;
    limited_->next_progress = record_.text_bytes + progress_bytes;
    const auto more = guard({instances_.limiter().name, "Grant::progress", record_.request_id},
                            [&] { return limited_->grant->progress(estimated_tokens(record_.text_bytes)); });
    if (!more || *more) return;
    const auto self = shared_from_this();
    if (!client_) return finish(nullptr);
    const Error spent{.kind = ErrorKind::rate_limited,
                      .message = "the budget of this client is spent",
                      .code = "insufficient_quota"};
    committed_ ? fail_stream(spent) : refuse(spent);
}

// Notes the attempt that has ended, before its facts are forgotten.
void RequestFlow::bill_attempt() {
    if (!limited_ || !limited_->grant || !attempt_ || std::exchange(limited_->billed, true)) return;
    const bool complete = over_ && ending_of(record_) == Ending::ok;
    // Before an upstream notices a disconnect, it generates about as much again as it sends at once, and some
    // tokens while the disconnect travels.
    const std::size_t text = record_.text_bytes + (hooks_ ? hooks_->held() : 0);  // hooks may hold some back
    const std::size_t unseen =
        record_.cancelled && text > 0 ? std::min(record_.burst_bytes + travel_bytes, most_unseen_bytes) : 0;
    limited_->bill.attempts.push_back(
        {.route = {record_.provider, record_.upstream_model},
         .usage = record_.usage,
         .output_tokens = estimated_tokens(text + unseen),
         .sent = record_.upstream_start.has_value() || attempt_->has_output(),
         .consumed = complete || record_.cancelled || record_.first_token.has_value()});
    limited_->next_progress = progress_bytes;
}

// REQUIRES: the request is over.
void RequestFlow::settle() {
    if (!limited_ || !limited_->grant) return;
    bill_attempt();
    Bill& bill = limited_->bill;
    bill.status = record_.status;
    bill.client_left = record_.gone;
    bill.total = duration_cast<microseconds>(record_.end - record_.start);
    const auto grant = std::move(limited_->grant);
    const auto settled = guard({instances_.limiter().name, "Grant::settle", record_.request_id}, [&] {
        grant->settle(bill);
        record_.cost = grant->cost();
    });
    if (!settled)
        snapshot_.log.write(Level::error, instances_.limiter().name, "plugin call failed",
                            {{"request_id", record_.request_id},
                             {"trace_id", trace_id()},
                             {"detail", settled.error().detail}});
}

}  // namespace gatehouse::core
