// SPDX-License-Identifier: Apache-2.0
#include "core/request/hooks.hpp"

#include "core/plugin/guard.hpp"

#include <iterator>
#include <utility>

namespace gatehouse::core {

Hooks::Hooks(const std::vector<NamedHook>& hooks, const RequestInfo& info,
             std::shared_ptr<const http::RequestHead> head)
    : head_(std::move(head)), info_(info) {
    for (const NamedHook& hook : hooks) {
        auto state = guard({hook.name, "Hook::begin"}, [&] { return hook.hook->begin(*info_); });
        if (!state)
            failure_ = state.error();
        else
            stages_.emplace_back(*this, hook.name, std::move(*state));
    }
    asked_ = stages_.begin();
}

// An exception of a hook becomes the failure of the attempt; the first one is kept.
template <typename Call>
void Hooks::call(const Stage& stage, const char* member, Call&& call) {
    auto ok = guard({stage.name_, member}, std::forward<Call>(call));
    if (!ok && !failure_) failure_ = ok.error();
}

Result<const std::string*> Hooks::request(Operation& operation) {
    if (failure_) return *failure_;
    while (asked_ != stages_.end()) {
        Stage& stage = *asked_++;
        bool decides = false;
        auto ok = guard({stage.name_, "HookState::request"}, [&] {
            auto passed = stage.state_->request(operation);
            if (passed) decides = stage.state_->decides();
            return passed;
        });
        if (!ok) return ok.error();
        if (decides) return &stage.name_;
    }
    return nullptr;
}

void Hooks::decide(Operation& operation, Completion<Verdict> done) {
    std::prev(asked_)->state_->decide(operation, std::move(done));
}

void Hooks::begin_events(EventSink& last, std::list<Stage>::iterator end, const AttemptInfo& info) {
    failure_.reset();
    held_ = 0;
    saw_finish_ = false;
    used_ = open_ = end;
    EventSink* next = &last;
    for (auto stage = stages_.begin(); stage != used_; ++stage) {
        stage->next_ = std::exchange(next, &*stage);
        call(*stage, "HookState::attempt", [&] { stage->state_->attempt(info); });
    }
    entry_ = next;
}

void Hooks::attempt(EventSink& last, const AttemptInfo& info) { begin_events(last, stages_.end(), info); }

void Hooks::answer(EventSink& last) { begin_events(last, std::prev(asked_), {}); }

void Hooks::Stage::emit(Event event) {
    if (hooks_.entry_ == this) hooks_.entered(event);
    hooks_.call(*this, "HookState::event", [&] { state_->event(std::move(event), *next_); });
}

void Hooks::end() {
    while (open_ != stages_.begin() && !waiting()) {
        const Stage& stage = *--open_;
        call(stage, "HookState::end", [&] { stage.state_->end(*stage.next_); });
    }
}

// Events pass the last hook first, so that hook resumes first.
std::list<Hooks::Stage>::iterator Hooks::first_waiting() {
    for (auto stage = used_; stage != stages_.begin() && !failure_;) {
        bool waits = false;
        call(*--stage, "HookState::waits", [&] { waits = stage->state_->waits(); });
        if (waits) return stage;
    }
    return stages_.end();
}

const std::string* Hooks::waiting() {
    waiting_ = first_waiting();
    return waiting_ == stages_.end() ? nullptr : &waiting_->name_;
}

void Hooks::wait(Completion<void> done) { waiting_->state_->wait(std::move(done)); }

void Hooks::resume() {
    const auto stage = std::exchange(waiting_, stages_.end());
    if (stage == stages_.end()) return;
    call(*stage, "HookState::resume", [&] { stage->state_->resume(*stage->next_); });
}

void Hooks::response(http::Headers& headers) {
    for (Stage& stage : stages_) {
        http::Headers own;
        call(stage, "HookState::response", [&] { stage.state_->response(own); });
        for (const auto& [name, value] : own)
            if (!headers.has(name)) headers.add(name, value);
    }
}

void Hooks::done(const RequestOutcome& outcome) {
    if (std::exchange(done_, true)) return;
    for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage)
        call(*stage, "HookState::done", [&] { stage->state_->done(outcome); });
}

}  // namespace gatehouse::core
