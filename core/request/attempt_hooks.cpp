// SPDX-License-Identifier: Apache-2.0
// An attempt whose response waits: for a hook that asks a service, or for a slow client.
#include "core/plugin/guard.hpp"
#include "core/request/attempt.hpp"
#include "core/request/call_plugin_async.hpp"

#include <utility>

namespace gatehouse::core {

// Returns true if a hook waits, and calls `then` when it has resumed.  The completion keeps the
// owner, and so the state of the hook, which may run on another thread when the client leaves.
bool Attempt::waits_for_hook(void (Attempt::*then)()) {
    if (waiting_) return true;             // bytes that were read before the pause
    const auto self = shared_from_this();  // a hook that completes at once may end the request
    const std::string* const name = hooks_.waiting();
    if (!name) return hooks_.failure() && fails_by_events();
    waiting_ = true;
    await<void>(
        *worker_.loop, log_, {*name, "HookState::wait", record_.request_id},
        [&](Completion<void> done) { hooks_.wait(std::move(done)); },
        [self, kept = owner_.kept(), then](Result<void> result) {
            if (!self->over_) self->on_hook(then, std::move(result));
        });
    if (over_ || !waiting_ || hook_timer_) return true;
    if (!paused_) pause_source();
    hook_timer_ = worker_.loop->after(deadline_.hook, [weak = weak_from_this(), name] {
        const auto self = weak.lock();
        if (self && !self->over_) self->on_hook_timeout(*name);
    });
    return true;
}

void Attempt::on_hook(void (Attempt::*then)(), Result<void> result) {
    worker_.loop->cancel(std::exchange(hook_timer_, 0));
    waiting_ = false;
    if (!result) {
        refused_by_hook_ = true;
        quotes_upstream_ = false;
        return fail(result.error());
    }
    {
        const RequestNote note(record_.request_id);
        hooks_.resume();
    }
    if (fails_by_events()) return;
    if (!out_.empty()) owner_.on_output();
    if (!over_) (this->*then)();
}

void Attempt::on_hook_timeout(const std::string& name) {
    hook_timer_ = 0;
    refused_by_hook_ = true;
    quotes_upstream_ = false;
    fail({.kind = ErrorKind::timeout,
          .message = "a check of the response did not end in time",
          .detail = "the hook " + name + " did not complete within hook_timeout_ms"});
}

// Reads on, unless a hook waits again, or the response has ended meanwhile.
void Attempt::read_after_hook() {
    if (std::exchange(ended_, false)) return finish();
    if (!waits_for_hook(&Attempt::read_after_hook) && !paused_) resume_source();
}

void Attempt::pause_source() {
    if (transfer_) transfer_->pause();
    if (run_) run_->pause();
}

void Attempt::resume_source() {
    fed_ = true;
    if (transfer_) transfer_->resume();
    if (run_) run_->resume();
}

void Attempt::pause() {
    paused_ = true;
    if (!waiting_) pause_source();
}

void Attempt::resume() {
    paused_ = false;
    if (!waiting_) resume_source();
}

}  // namespace gatehouse::core
