// SPDX-License-Identifier: Apache-2.0
// RequestFlow's hooks: those that wait, and those that answer instead of an upstream.
#include "core/plugin/guard.hpp"
#include "core/request/call_plugin_async.hpp"
#include "core/request/request_flow.hpp"

#include <utility>

namespace gatehouse::core {

using std::chrono::duration_cast;
using std::chrono::microseconds;

/// Formats the events of a hook's answer.
class RequestFlow::HookAnswer final : public EventSink {
public:
    HookAnswer(ResponseFormatter& formatter, std::string& out, RequestRecord& record)
        : formatter_(formatter), out_(out), record_(record) {}

    void emit(Event event) override {
        if (std::holds_alternative<Finish>(event)) finished_ = true;
        if (auto* usage = std::get_if<Usage>(&event)) record_.usage = *usage;
        const CallNote note({record_.dialect, "ResponseFormatter::event", record_.request_id});
        formatter_.event(event, out_);
    }
    bool finishes(const Operation& operation) const {
        return finished_ || !std::holds_alternative<ChatRequest>(operation);
    }

private:
    ResponseFormatter& formatter_;
    std::string& out_;
    RequestRecord& record_;
    bool finished_ = false;
};

void RequestFlow::ask_hooks() {
    auto deciding = [&] {
        const RequestNote note(record_.request_id);
        return hooks_->request(parsed_.operation);
    }();
    if (!deciding) return refuse(deciding.error());
    if (!*deciding) return map();
    wait_for_hook(**deciding);
}

// The completion keeps this flow, and so the state of the hook, which may run on another thread
// when the client leaves.
void RequestFlow::wait_for_hook(const std::string& name) {
    deciding_ = true;
    await<Verdict>(
        *worker_.loop, snapshot_.log, {name, "HookState::decide", record_.request_id},
        [&](Completion<Verdict> done) { hooks_->decide(parsed_.operation, std::move(done)); },
        [self = shared_from_this(), &name](Result<Verdict> verdict) {
            if (!self->over_) self->on_verdict(name, std::move(verdict));
        });
    watch_decision(name);
}

// Limits the time for a hook that has not completed yet.
void RequestFlow::watch_decision(const std::string& name) {
    if (over_ || !deciding_ || timer_) return;
    const std::chrono::milliseconds limit(snapshot_.settings.server.hook_timeout_ms);
    timer_ = worker_.loop->after(limit, [weak = weak_from_this(), &name] {
        const auto self = weak.lock();
        if (self && !self->over_) self->on_hook_timeout(name);
    });
}

void RequestFlow::on_verdict(const std::string& name, Result<Verdict> verdict) {
    deciding_ = false;
    worker_.loop->cancel(std::exchange(timer_, 0));
    if (!verdict) return refuse(verdict.error());
    if (verdict->answers) return answer(name, std::move(verdict->events));
    ask_hooks();
}

void RequestFlow::on_hook_timeout(const std::string& name) {
    timer_ = 0;
    refuse({.kind = ErrorKind::timeout,
            .message = "a check of the request did not end in time",
            .detail = "the hook " + name + " did not complete within hook_timeout_ms"});
}

void RequestFlow::answer(const std::string& name, std::vector<Event> events) {
    record_.hook = name;
    if (!prepare_formatter()) return;
    const auto sink = std::make_shared<HookAnswer>(*formatter_, answer_, record_);
    hooks_->answer(*sink);
    auto formatted = guard(dialect_call("ResponseFormatter::event"), [&] {
        for (Event& event : events) hooks_->entry().emit(std::move(event));
    });
    if (!formatted) return refuse(formatted.error());
    end_answer(name, sink);
}

// An earlier hook than the answering hook may wait.
void RequestFlow::end_answer(const std::string& name, const std::shared_ptr<HookAnswer>& sink) {
    hooks_->end();
    if (hooks_->failure()) return refuse(*hooks_->failure());
    if (hooks_->waiting()) return wait_to_answer(name, sink);
    auto ended = guard(dialect_call("ResponseFormatter::end"), [&] { formatter_->end(answer_); });
    if (!ended) return refuse(ended.error());
    if (!sink->finishes(parsed_.operation))
        return refuse({ErrorKind::internal, "internal error", name + ": answered without a Finish event"});
    keep();
}

void RequestFlow::wait_to_answer(const std::string& name, const std::shared_ptr<HookAnswer>& sink) {
    deciding_ = true;
    const std::string& asking = *hooks_->waiting();
    await<void>(
        *worker_.loop, snapshot_.log, {asking, "HookState::wait", record_.request_id},
        [&](Completion<void> done) { hooks_->wait(std::move(done)); },
        [self = shared_from_this(), &name, sink](Result<void> result) {
            if (self->over_) return;
            self->deciding_ = false;
            self->worker_.loop->cancel(std::exchange(self->timer_, 0));
            if (!result) return self->refuse(result.error());
            {
                const RequestNote note(self->record_.request_id);
                self->hooks_->resume();
            }
            self->end_answer(name, sink);
        });
    watch_decision(asking);
}

// The route has answered, and another one would be refused too.
void RequestFlow::refuse_after_hook(const Error& error) {
    if (!committed_) note_answer();
    committed_ ? fail_stream(error) : refuse(error);
}

RequestOutcome RequestFlow::outcome(const Error* error) const {
    auto since_start = [&](RequestRecord::Clock::time_point time) {
        return duration_cast<microseconds>(time - record_.start);
    };
    RequestOutcome outcome{.error = error,
                           .status = record_.status,
                           .stream = record_.stream,
                           .client_left = record_.gone,
                           .model = record_.model,
                           .provider = record_.provider,
                           .route = record_.upstream_model,
                           .attempts = record_.attempts,
                           .usage = record_.usage ? &*record_.usage : nullptr,
                           .bytes_in = record_.bytes_in,
                           .bytes_out = record_.bytes_out,
                           .total = since_start(record_.end)};
    if (record_.first_token) outcome.first_token = since_start(*record_.first_token);
    if (record_.upstream_start)
        outcome.upstream =
            duration_cast<microseconds>(record_.upstream_end.value_or(record_.end) - *record_.upstream_start);
    return outcome;
}

}  // namespace gatehouse::core
