// SPDX-License-Identifier: Apache-2.0
#include "core/request/hooks.hpp"

#include "core/plugin/guard.hpp"

namespace gatehouse::core {

Hooks::Hooks(const std::vector<NamedHook>& hooks, const Identity& who) {
    for (const NamedHook& hook : hooks) {
        auto state = guard({hook.name, "Hook::begin"}, [&] { return hook.hook->begin(who); });
        if (!state)
            failure_ = state.error();
        else
            stages_.emplace_back(*this, hook.name, std::move(*state));
    }
}

// An exception of a hook becomes the failure of the attempt; the first one is kept.
template <typename Call>
void Hooks::call(const Stage& stage, const char* member, Call&& call) {
    auto ok = guard({stage.name_, member}, std::forward<Call>(call));
    if (!ok && !failure_) failure_ = ok.error();
}

Result<void> Hooks::request(Operation& operation) {
    if (failure_) return *failure_;
    for (Stage& stage : stages_)
        if (auto ok =
                guard({stage.name_, "HookState::request"}, [&] { return stage.state_->request(operation); });
            !ok)
            return ok.error();
    return {};
}

void Hooks::attempt(EventSink& last) {
    failure_.reset();
    EventSink* next = &last;
    for (Stage& stage : stages_) {
        stage.next_ = std::exchange(next, &stage);
        call(stage, "HookState::attempt", [&] { stage.state_->attempt(); });
    }
    entry_ = next;
}

void Hooks::Stage::emit(Event event) {
    hooks_.call(*this, "HookState::event", [&] { state_->event(std::move(event), *next_); });
}

void Hooks::end() {
    for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage)
        call(*stage, "HookState::end", [&] { stage->state_->end(*stage->next_); });
}

void Hooks::done(const Error* error) {
    if (std::exchange(done_, true)) return;
    for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage)
        call(*stage, "HookState::done", [&] { stage->state_->done(error); });
}

}  // namespace gatehouse::core
