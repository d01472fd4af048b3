// SPDX-License-Identifier: Apache-2.0
#include "core/request/attempt.hpp"

#include "core/net/client/upstream_target.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/begin_exchange.hpp"
#include "core/request/explanation.hpp"
#include "core/request/secret_headers.hpp"
#include "core/request/transfer_advice.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

// Limits the bytes that are read of an error response.
constexpr std::size_t max_error_bytes = 64 * 1024;

// Limits the part of an error response that a signer is shown.
constexpr std::size_t max_refusal_bytes = 8 * 1024;

// Time allowed for the trailing bytes of a complete response, so that its connection can be reused.
constexpr std::chrono::milliseconds drain_time{250};

// At the idle timeout the exchange is told this number of silences.
constexpr int max_silences = 16;

}  // namespace

Attempt::Attempt(Owner& owner, const WorkerServices& worker, const NamedProvider& provider,
                 const Operation& operation, std::unique_ptr<ResponseFormatter> formatter, Hooks& hooks,
                 Deadline deadline, RequestRecord& record, Log& log, std::shared_ptr<const void> keep)
    : owner_(owner),
      worker_(worker),
      provider_(provider),
      operation_(operation),
      formatter_(std::move(formatter)),
      hooks_(hooks),
      deadline_(deadline),
      policy_(provider.policies.of(model_of(operation))),
      record_(record),
      log_(log),
      keep_(std::move(keep)) {}

void Attempt::translate() {
    begin_telling({});
    {
        const RequestNote note(record_.request_id);
        hooks_.attempt(
            *this, {.provider = provider_.name, .model = model_of(operation_), .number = record_.attempts});
    }
    const bool counts = std::holds_alternative<TokenCountRequest>(operation_);
    if (provider_.local && !counts) return compute(*provider_.local);
    auto exchange = guard(provider_call(operation_member(operation_)),
                          [&] { return begin_exchange(*provider_.provider, operation_); });
    if (!exchange) return fail(exchange.error());
    exchange_ = *std::move(exchange);
    dispatch(guard(provider_call("Exchange::request"), [&] { return exchange_->request(); }));
}

void Attempt::dispatch(Result<std::optional<http::Request>> request) {
    if (!request) return fail(request.error());
    if (!*request) return finish_exchange();  // the provider needs no upstream request
    origin_ = origin_of((*request)->url);
    if (!has_output_ && provider_.health->ejected(origin_) && !reroute_ejected(**request)) return;
    if (auto ok = add_ids((*request)->headers); !ok) return fail(ok.error());
    sign(**std::move(request));
}

void Attempt::send(http::Request signed_request) {
    if (!owner_.may_send()) return;
    status_ = 0;
    error_bytes_ = event_bytes_ = 0;
    draining_ = quotes_upstream_ = may_end_ = permanent_ = explained_ = false;
    fault_ = TransferFault::none;
    secrets_ = secrets_of(signed_request.headers);
    const auto now = RequestRecord::Clock::now();
    auto until = [&](Deadline::Time limit) {
        constexpr std::chrono::milliseconds no_limit = std::chrono::hours(24);
        return limit == Deadline::Time::max() ? no_limit
                                              : std::chrono::ceil<std::chrono::milliseconds>(limit - now);
    };
    const auto left = until(deadline_.until);
    if (left.count() <= 0) return fail({ErrorKind::timeout, "the upstream did not respond in time"});
    RouteTimeouts timeouts = policy_.timeouts;
    timeouts.first_byte = left;
    timeouts.response = deadline_.whole ? left : until(deadline_.complete);
    record_.begin_upstream(now);
    tell_sent();
    if (record_.explanation) record_.explanation->note_sent(signed_request.body);
    transfer_ = worker_.upstream->start(std::move(signed_request), timeouts, *this);
    if (source_paused()) transfer_->pause();
}

void Attempt::on_head(const http::ResponseHead& head) {
    status_ = head.status;
    note_refusal(head);
    answered_at_ = RequestRecord::Clock::now();
    if (status_ >= 500)
        provider_.health->endpoint_failed(origin_);
    else
        provider_.health->endpoint_answered(origin_);
    auto ok = guard(provider_call("Exchange::head"), [&] {
        if (auto id = head.headers.get(exchange_->request_id_header()); !id.empty())
            record_.upstream_request_id = id.substr(0, 200);
        exchange_->head(head);
    });
    tell_answered();
    if (!ok) fail(ok.error());
}

void Attempt::on_body(std::string_view bytes) {
    if (draining_ || bytes.empty()) return;
    if (bytes.size() > may_read_)
        return fail({ErrorKind::unavailable, "response too long to drain after the client disconnected"});
    if (may_read_ != std::string::npos) may_read_ -= bytes.size();
    if (!answered()) {
        bytes = bytes.substr(0, max_error_bytes - error_bytes_);
        error_bytes_ += bytes.size();
        if (refusal_) refusal_->body += bytes.substr(0, max_refusal_bytes - refusal_->body.size());
    }
    if (deadline_.whole) held_.add(bytes.size());
    auto self = shared_from_this();
    const std::size_t text_before = record_.text_bytes;
    const auto complete = feed(bytes);
    if (record_.text_bytes > text_before)
        record_.burst_bytes = std::max(record_.burst_bytes, record_.text_bytes - text_before);
    if (!complete) return fail(quoted(complete.error()));
    if (fails_by_events()) return;
    if (!answered() && error_bytes_ == max_error_bytes) return on_end();
    if (*complete) return complete_early();
    fed_ = true;
    if (!out_.empty()) owner_.on_output();
    if (!over_) waits_for_hook(&Attempt::read_after_hook);
}

// Returns whether the response is complete.  One note serves the calls that belong to a part of the body.
Result<bool> Attempt::feed(std::string_view bytes) {
    return guard(provider_call("Exchange::body"), [&]() -> Result<bool> {
        if (auto read = exchange_->body(bytes, hooks_.entry()); !read) return read.error();
        const bool complete = exchange_->complete();
        may_end_ = !complete && exchange_->may_end();
        return complete;
    });
}

void Attempt::on_waiting() {
    if (may_end_ && !over_ && !draining_) watch_silence();
}

// Completes the response before the upstream's framing has ended, then waits up to drain_time
// for that end, because otherwise the connection cannot be reused.
void Attempt::complete_early() {
    stop_watching();
    draining_ = true;
    record_.upstream_end = RequestRecord::Clock::now();
    worker_.loop->after(drain_time, [self = shared_from_this()] {
        if (self->draining_) self->transfer_.reset();
    });
    finish_exchange();
}

void Attempt::on_end() {
    stop_watching();
    if (draining_) return transfer_.reset();
    record_.upstream_end = RequestRecord::Clock::now();
    transfer_.reset();
    finish_exchange();
}

void Attempt::on_error(TransferFailure failure) {
    stop_watching();
    if (draining_) return transfer_.reset();
    Error& error = failure.error;
    // The response is complete even if the upstream does not end it after the finish event.
    if (error.kind == ErrorKind::timeout && (has_finish() || (answered() && ends_in_silence(max_silences))))
        return on_end();
    permanent_ = failure.permanent;
    explained_ = failure.explained;
    fault_ = failure.fault;
    record_.upstream_end = RequestRecord::Clock::now();
    transfer_.reset();
    if (status_ == 0 && (error.kind == ErrorKind::upstream || error.kind == ErrorKind::timeout))
        provider_.health->endpoint_failed(origin_);
    amend(std::move(error));
}

void Attempt::finish_exchange() {
    auto ok = guard(provider_call("Exchange::end"), [&] { return exchange_->end(hooks_.entry()); });
    if (!ok) return on_upstream_error(quoted(ok.error()));
    if (fails_by_events()) return;
    auto next = guard(provider_call("Exchange::next"), [&] { return exchange_->next(); });
    if (!next) return fail(next.error());
    if (*next) begin_telling("continued");
    if (*next) return dispatch_later(**std::move(next));
    finish();
}

// A delay ends with the time for the response, so that send() can report the timeout.
void Attempt::dispatch_later(http::Request request) {
    using std::chrono::milliseconds;
    auto delay = guard(provider_call("Exchange::delay"), [&] { return exchange_->delay(); });
    if (!delay) return fail(delay.error());
    if (delay->count() <= 0) return dispatch(std::optional(std::move(request)));
    const auto left = std::chrono::ceil<milliseconds>(deadline_.until - RequestRecord::Clock::now());
    auto go_on = [weak = weak_from_this(), request = std::move(request)] {
        const auto self = weak.lock();
        if (!self || self->over_) return;
        self->delay_timer_ = 0;
        self->dispatch(std::optional(request));
    };
    delay_timer_ = worker_.loop->after(std::clamp(left, milliseconds(0), *delay), std::move(go_on));
}

// Notes that `error` is the provider's reading of a response.
Error Attempt::quoted(Error error) {
    quotes_upstream_ = status_ != 0;
    return error;
}

void Attempt::finish() {
    if (waiting_) {
        ended_ = true;
        return;
    }
    const bool chat = std::holds_alternative<ChatRequest>(operation_);
    if (chat && !has_finish())
        return fail({ErrorKind::upstream, "the upstream's response ended without a finish event"});
    {
        const RequestNote note(record_.request_id);
        hooks_.end();
    }
    if (fails_by_events() || waits_for_hook(&Attempt::finish)) return;
    if (chat && !finished_)
        return fail({ErrorKind::internal, "internal error", "a hook dropped the finish event"});
    complete();
}

// The upstream has responded with an error.  Two retries are possible on this route: with new
// credentials, or with an amended request (without the rejected parameter, or to another endpoint).
void Attempt::on_upstream_error(Error error) {
    if (!refusal_ || has_output_) return amend(std::move(error));
    ask_about_refusal(std::move(error));
}

void Attempt::complete() {
    auto ok = guard({record_.dialect, "ResponseFormatter::end", record_.request_id},
                    [&] { formatter_->end(out_); });
    if (!ok) return fail(ok.error());
    over_ = true;
    end_telling(nullptr);
    owner_.on_complete();
}

void Attempt::fail(Error error) {
    if (std::exchange(over_, true)) return;
    if (record_.upstream_start && !record_.upstream_end) record_.upstream_end = RequestRecord::Clock::now();
    stop_watching();
    if (!draining_) transfer_.reset();
    if (run_) run_->cancel();
    end_telling(&error);
    owner_.on_failure(error);
}

void Attempt::cancel() {
    over_ = true;
    end_telling(nullptr, true);
    stop_watching();
    worker_.loop->cancel(std::exchange(run_timer_, 0));
    worker_.loop->cancel(std::exchange(delay_timer_, 0));
    worker_.loop->cancel(std::exchange(hook_timer_, 0));
    if (run_) run_->cancel();
    if (draining_ && transfer_) {
        // This object outlives its owner until the drain ends, so it must not touch members that the
        // owner holds.
        exchange_.reset();
        formatter_.reset();
        return;
    }
    transfer_.reset();
}

std::string Attempt::advice(const Error& error) {
    if (explained_) return {};
    if (fault_ != TransferFault::none || status_ == 407)
        return transfer_advice(status_ == 407 ? TransferFault::proxy : fault_, origin_, provider_.name);
    std::string text;
    auto add = [&](const Result<std::string>& more) {
        if (!more || more->empty()) return;
        if (!text.empty()) text += '\n';
        text += *more;
    };
    if (exchange_) add(guard(provider_call("Exchange::advice"), [&] { return exchange_->advice(error); }));
    const bool refused = status_ == 401 || status_ == 403 || status_ == 404;
    if (refused && provider_.signer)
        add(guard({provider_.signer_name, "Signer::advice", record_.request_id},
                  [&] { return provider_.signer->advice(); }));
    return text;
}

// A local computation is cancelled instead, because it costs nothing at an upstream.
bool Attempt::read_on(std::size_t bytes) {
    if (!transfer_ || draining_) return false;
    may_read_ = bytes;
    out_.clear();
    resume();
    return true;
}

}  // namespace gatehouse::core
