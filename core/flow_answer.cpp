// SPDX-License-Identifier: Apache-2.0
// The way out of a flow: what the client is sent, and how a request ends.
#include "core/flow.hpp"

#include "core/observe/log.hpp"
#include "core/plugin/guard.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

using Clock = RequestRecord::Clock;
using std::chrono::milliseconds;

void Flow::write() {
    std::string& out = attempt_->out();
    if (out.empty() || !streams_) return;  // a whole answer waits for its end
    if (!begun_) begin_answer();
    last_write_ = Clock::now();
    record_.bytes_out += out.size();
    const bool more = client_->write(out);
    out.clear();
    if (!more && !over_) attempt_->pause();
}

void Flow::begin_answer() {
    auto head = guard(dialect_->name, [&] { return attempt_->formatter().head(); });
    http::ResponseHead answer = head ? *std::move(head) : http::ResponseHead{.status = 500};
    mark(answer.headers);
    begun_ = true;
    record_.status = answer.status;
    client_->begin(answer);
}

void Flow::on_complete() {
    auto self = shared_from_this();
    if (streams_) {
        write();
        if (over_) return;
        client_->end();
        return over(nullptr);
    }
    auto head = guard(dialect_->name, [&] { return attempt_->formatter().head(); });
    if (!head) return refuse(head.error());
    respond({*std::move(head), std::move(attempt_->out())}, nullptr);
}

// A client's watchdog counts data only: once the upstream has answered, silence
// is filled with chunks that say nothing.
void Flow::watch_silence() {
    const milliseconds interval(context_.settings.server.heartbeat_ms);
    if (interval.count() == 0 || timer_) return;
    if (last_write_ == Clock::time_point{}) last_write_ = Clock::now();
    const auto due = last_write_ + interval;
    const auto wait = std::max(milliseconds(1), std::chrono::ceil<milliseconds>(due - Clock::now()));
    timer_ = site_.loop->after(wait, [weak = weak_from_this(), interval] {
        auto self = weak.lock();
        if (!self || self->over_) return;
        self->timer_ = 0;
        const auto now = Clock::now();
        if (self->attempt_->answered() && now - self->last_write_ >= interval) {
            (void)guard(self->dialect_->name,
                        [&] { self->attempt_->formatter().heartbeat(self->attempt_->out()); });
            self->last_write_ = now;
            self->write();
        } else if (!self->attempt_->answered()) {
            self->last_write_ = now;  // counts from the upstream's answer on
        }
        if (!self->over_) self->watch_silence();
    });
}

void Flow::refuse(Error error) {
    auto self = shared_from_this();
    const NamedDialect& dialect = dialect_ ? *dialect_ : house_->routing().nearest(record_.path);
    auto answer = guard(dialect.name, [&] { return dialect.dialect->error(error); });
    respond(answer ? *std::move(answer) : http::Response{.head = {.status = 500}}, &error);
}

void Flow::respond(http::Response answer, const Error* error) {
    mark(answer.head.headers);
    record_.status = answer.head.status;
    record_.bytes_out += answer.body.size();
    client_->respond(std::move(answer));
    over(error);
}

// The head has gone out, so the failure becomes the stream's last event.
void Flow::break_off(const Error& error) {
    std::string& out = attempt_->out();
    auto ok = guard(dialect_->name, [&] { attempt_->formatter().error(error, out); });
    if (!ok) {
        client_->abort();
        return over(&error);
    }
    record_.bytes_out += out.size();
    client_->write(out);
    client_->end();
    over(&error);
}

void Flow::over(const Error* error) {
    if (std::exchange(over_, true)) return;
    client_ = nullptr;
    site_.loop->cancel(std::exchange(timer_, 0));
    if (attempt_) attempt_->cancel();
    if (hooks_) hooks_->done(error);
    if (error) {
        record_.error = error->kind;
        record_.detail = error->detail.empty() ? error->message : error->detail;
    }
    record_.end = Clock::now();
    context_.metrics.finished(record_);
    context_.log.access(record_);
}

void Flow::on_writable() {
    if (attempt_ && !over_) attempt_->resume();
}

void Flow::on_half_close() {
    if (attempt_ && !over_) leave();
}

void Flow::leave() {
    auto self = shared_from_this();
    client_->abort();
    on_gone();
}

void Flow::on_gone() {
    auto self = shared_from_this();
    record_.gone = true;
    over(nullptr);
}

http::Headers& Flow::mark(http::Headers& headers) const {
    headers.set("x-request-id", record_.request_id);
    if (!record_.upstream_request_id.empty())
        headers.set("x-upstream-request-id", record_.upstream_request_id);
    context_.cors.allow(client_->head(), headers);
    return headers;
}

}  // namespace gatehouse::core
