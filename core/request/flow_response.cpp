// SPDX-License-Identifier: Apache-2.0
// RequestFlow's responses to the client, and the end of a request.
#include "core/request/request_flow.hpp"

#include "core/observe/ending.hpp"
#include "core/observe/log.hpp"
#include "core/observe/log_reason.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/private_text.hpp"
#include "core/request/upstream_error.hpp"

#include <gatehouse/token_estimate.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;
using std::chrono::milliseconds;

namespace {

/// The route of a request as a valid header value (RFC 9110, 5.5); the client may have chosen parts.
/// An id of a cloud resource that the client has not sent is omitted.
std::string route_value(const RequestRecord& record) {
    std::string out;
    out.reserve(record.provider.size() + 1 + record.upstream_model.size());
    out.append(record.provider).append("/").append(record.upstream_model);
    if (has_ids(out) && record.model.find(record.upstream_model) == record.model.npos) out = without_ids(out);
    if (out.size() > 300) out.resize(300);
    for (char& c : out)
        if (c <= 0x20 || c >= 0x7f) c = '?';
    return out;
}

}  // namespace

void RequestFlow::write() {
    std::string& bytes = out();
    if (!client_) return bytes.clear();
    if (bytes.empty() || !streams_) return;  // a non-streaming response is sent at its end
    if (!committed_) commit_response();
    last_write_ = Clock::now();
    record_.bytes_out += bytes.size();
    const bool more = client_->write(bytes);
    bytes.clear();
    if (!more && !over_ && attempt_) attempt_->pause();
}

void RequestFlow::commit_response() {
    committed_ = true;
    worker_.loop->cancel(std::exchange(early_timer_, 0));
    note_answer();
    if (begun_) return;
    auto head = guard(dialect_call("ResponseFormatter::head"), [&] { return formatter().head(); });
    http::ResponseHead answer = head ? *std::move(head) : http::ResponseHead{.status = 500};
    add_headers(answer.headers);
    begun_ = true;
    record_.status = answer.status;
    client_->begin(answer);
}

void RequestFlow::send_end() {
    auto self = shared_from_this();
    if (!committed_ && !(streams_ && client_)) note_answer();
    if (!client_) {
        record_.drained = true;
        return finish(nullptr);
    }
    if (streams_) {
        write();
        if (over_) return;
        if (!committed_) commit_response();  // a stream may be empty
        client_->end();
        return finish(nullptr);
    }
    auto head = guard(dialect_call("ResponseFormatter::head"), [&] { return formatter().head(); });
    if (!head) return refuse(head.error());
    respond({*std::move(head), std::move(out())}, nullptr);
}

// Sends keep-alive chunks while the upstream is silent after it has responded, because clients
// time out without data.  One timer polls, so that events need no timer of their own.
void RequestFlow::watch_silence() {
    const milliseconds interval(snapshot_.settings.server.heartbeat_ms);
    if (interval.count() == 0 || timer_) return;
    const auto now = Clock::now();
    const bool answered = attempt_->answered() && !sends_early_heartbeats();
    const auto quiet_since = answered ? std::max(last_write_, attempt_->answered_at()) : now;
    if (now - quiet_since >= interval) {
        (void)guard(dialect_call("ResponseFormatter::heartbeat"),
                    [&] { attempt_->formatter().heartbeat(attempt_->out()); });
        last_write_ = now;
        write();
        if (over_) return;
    }
    const auto due = std::max(last_write_, quiet_since) + interval;
    timer_ = worker_.loop->after(std::max(milliseconds(1), std::chrono::ceil<milliseconds>(due - now)),
                                 [weak = weak_from_this()] {
                                     auto self = weak.lock();
                                     if (!self || self->over_) return;
                                     self->timer_ = 0;
                                     self->watch_silence();
                                 });
}

// An error with status 500 or more names the request, so that an operator finds it in the log.
Error RequestFlow::for_client(const Error& error) const {
    Error said = snapshot_.settings.upstream.error_details == "client" ? error : without_ids(error);
    if (status_of(said) >= 500 && said.message.find(record_.request_id) == said.message.npos)
        said.message += " (request id " + record_.request_id + ")";
    return said;
}

// Sends heartbeats until an attempt has output.  A formatter of its own writes them, so that they leave
// no trace in the response and the next route may still be tried.
void RequestFlow::watch_routes() {
    if (!sends_early_heartbeats()) return;
    const milliseconds interval(snapshot_.settings.server.early_heartbeat_ms);
    early_timer_ = worker_.loop->after(interval, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->over_) return;
        self->early_timer_ = 0;
        if (self->send_early_heartbeat() && !self->over_) self->watch_routes();
    });
}

bool RequestFlow::sends_early_heartbeats() const {
    return streams_ && client_ && !committed_ && snapshot_.settings.server.early_heartbeat_ms > 0;
}

// Returns false if the dialect has no heartbeat.  The head is sent only with a first heartbeat, because
// after it an error has no status.
bool RequestFlow::send_early_heartbeat() {
    if (!opening_) {
        auto formatter = guard(dialect_call("Parsed::formatter"), [&] { return parsed_.formatter(); });
        if (!formatter) return false;
        opening_ = *std::move(formatter);
    }
    http::ResponseHead head;
    std::string heartbeat;
    const auto made = guard(dialect_call("ResponseFormatter::heartbeat"), [&] {
        if (!begun_) head = opening_->head();
        opening_->heartbeat(heartbeat);
    });
    if (!begun_ && (!made || heartbeat.empty())) return false;
    if (!begun_) begin_early(std::move(head));
    record_.bytes_out += heartbeat.size();
    client_->write(heartbeat);
    return true;
}

void RequestFlow::begin_early(http::ResponseHead head) {
    begun_ = true;
    record_.status = head.status;
    add_general_headers(head.headers);
    client_->begin(head);
}

/// The dialect of an error: the request's, or before it is known the one of a similar path.
const NamedDialect& RequestFlow::error_dialect() const {
    if (meant_) return *meant_;
    return dialect_ ? *dialect_ : instances_.routing().nearest(record_.path, client_->head().headers);
}

/// Converts an error to a response in the client's dialect.
http::Response RequestFlow::to_response(const Error& error) const {
    const NamedDialect& dialect = error_dialect();
    auto answer = guard({dialect.name, "Dialect::error", record_.request_id},
                        [&] { return dialect.dialect->error(for_client(error)); });
    return answer ? *std::move(answer) : http::Response{.head = {.status = status_of(error)}};
}

void RequestFlow::refuse(Error error) {
    auto self = shared_from_this();
    if (begun_) return fail_stream(error);
    respond(to_response(error), &error);
}

void RequestFlow::respond(http::Response answer, const Error* error) {
    add_headers(answer.head.headers);
    record_.status = answer.head.status;
    record_.bytes_out += answer.body.size();
    client_->respond(std::move(answer));
    finish(error);
}

// The head is already sent, so the error becomes the stream's last event.
void RequestFlow::fail_stream(const Error& error) {
    std::string early;
    std::string& bytes = committed_ ? out() : early;
    ResponseFormatter& writer = committed_ ? formatter() : *opening_;
    auto ok =
        guard(dialect_call("ResponseFormatter::error"), [&] { writer.error(for_client(error), bytes); });
    if (!ok) {
        client_->abort();
        return finish(&error);
    }
    record_.bytes_out += bytes.size();
    client_->write(bytes);
    client_->end();
    finish(&error);
}

void RequestFlow::finish(const Error* error) {
    if (std::exchange(over_, true)) return;
    running_.leave();
    client_ = nullptr;
    keeping_ = 0;
    worker_.loop->cancel(std::exchange(timer_, 0));
    worker_.loop->cancel(std::exchange(early_timer_, 0));
    if (attempt_) attempt_->cancel();
    if (attempt_ && record_.endpoint.empty()) record_.endpoint = attempt_->origin();
    const bool kept = deciding_ || (attempt_ && attempt_->hook_pending());
    if (!kept) slot_.leave();  // a plugin's completion keeps this object, and the object its slot
    use_ = RouteUse();
    // Hooks that store responses must not store a truncated response.
    static const Error left{ErrorKind::unavailable, "client disconnected before the end of the response"};
    const bool incomplete = record_.gone || record_.status == 0;
    record_.end = Clock::now();
    if (hooks_) {
        const RequestNote note(record_.request_id);
        hooks_->done(outcome(error || !incomplete ? error : &left));
    }
    if (error) {
        record_.error = error->kind;
        record_.detail = log_reason(*error);
    }
    settle();
    estimate_usage();
    snapshot_.metrics.finished(record_);
    snapshot_.metrics.count_client(snapshot_.settings, record_);
    describe();
    snapshot_.log.access(record_);
    use_details();
}

// The upstream has read the prompt, although the response ended before it could report the tokens.
void RequestFlow::estimate_usage() {
    const bool began = record_.cancelled || record_.first_token;
    const auto* chat = std::get_if<ChatRequest>(&parsed_.operation);
    if (record_.usage || !began || !chat || ending_of(record_) == Ending::ok) return;
    record_.estimate = {.prompt = estimated_tokens(*chat),
                        .completion = static_cast<std::int64_t>(record_.text_bytes / 4)};
}

void RequestFlow::on_writable() {
    if (attempt_ && !over_) attempt_->resume();
}

void RequestFlow::on_half_close() {
    if ((attempt_ || slot_.waits() || deciding_) && !over_) disconnect();
}

void RequestFlow::on_stop() {
    if (over_ || !client_) return;
    auto self = shared_from_this();
    if (keeping_ > 0) return send_end();
    static const Error stopping{
        .kind = ErrorKind::unavailable, .message = "the gateway is stopping", .retry_after_seconds = 1};
    if (begun_)
        fail_stream(stopping);
    else
        refuse(stopping);
}

void RequestFlow::disconnect() {
    auto self = shared_from_this();
    client_->abort();
    on_gone();
}

void RequestFlow::on_gone() {
    auto self = shared_from_this();
    record_.gone = true;
    record_.cancelled = attempt_ && attempt_->calling();
    if (!read_on()) finish(nullptr);
}

// Reads the rest of the response after the client has left, because it contains the usage.
bool RequestFlow::read_on() {
    if (!record_.cancelled || !candidate().policy->drains) return false;
    client_ = nullptr;
    worker_.loop->cancel(std::exchange(timer_, 0));
    worker_.loop->cancel(std::exchange(early_timer_, 0));
    if (!attempt_->read_on(candidate().policy->drain_bytes)) return false;
    timer_ = worker_.loop->after(candidate().policy->drain_time,
                                 [self = shared_from_this()] { self->finish(nullptr); });
    return true;
}

http::Headers& RequestFlow::add_general_headers(http::Headers& headers) const {
    error_dialect().set_request_id(headers, record_.request_id);
    snapshot_.cors.allow(client_->head(), headers);
    add_limit_headers(headers);
    if (hooks_) hooks_->response(headers);
    if (record_.explanation) explain(headers);
    return headers;
}

http::Headers& RequestFlow::add_headers(http::Headers& headers) const {
    if (!record_.upstream_request_id.empty())
        headers.set("x-upstream-request-id", record_.upstream_request_id);
    if (!record_.provider.empty()) headers.set("x-gatehouse-route", route_value(record_));
    return add_general_headers(headers);
}

}  // namespace gatehouse::core
