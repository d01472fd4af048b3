// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/c_bridge/c_state.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/hook/facts.hpp"

#include <gatehouse/all_texts.hpp>

#include <algorithm>

namespace gatehouse::c_hook {

using namespace c_bridge;
using hook_texts::Channel;

CState::~CState() {
    if (state_) entry_.release(state_);
}

/// The failure of a call, from the library's output.
std::optional<Error> CState::failure_in(HookOutcome& said) const {
    auto error = error_in(said, [] { return Error{ErrorKind::forbidden}; });
    if (error) error = hook_.named(*std::move(error));
    return error;
}

Result<void> CState::request(Operation& operation) {
    const std::string info = hook_texts::info_json(info_, operation);
    auto begun = outlet_.during({.name = "begin", .allowed = fails}, [&](const gatehouse_c_hook_out* out) {
        state_ = entry_.begin(hook_.instance(), bytes_of(info), out);
    });
    if (auto error = failure_in(begun)) return *std::move(error);
    if (!state_) return hook_.named(defect("begin returned null without out->fail"));
    if (!entry_.request) return {};
    const std::string text = all_texts(operation);
    const bool chat = hook_texts::name_of(operation) == "chat";
    auto said =
        outlet_.during({.name = "request", .allowed = fails | answers},
                       [&](const gatehouse_c_hook_out* out) { entry_.request(state_, bytes_of(text), out); });
    if (auto error = failure_in(said)) return *std::move(error);
    if (said.answer && !chat)
        return hook_.named(defect("out->answer was called for the operation " +
                                  std::string(hook_texts::name_of(operation)) +
                                  ", but only a chat can be answered"));
    answer_ = std::move(said.answer);
    return {};
}

void CState::decide(Operation& operation, Completion<Verdict> done) {
    std::vector<Event> events;
    const auto* chat = std::get_if<ChatRequest>(&operation);
    const int count =
        chat ? static_cast<int>(std::clamp<std::int64_t>(chat->sampling.n.value_or(1), 1, 128)) : 1;
    for (int choice = 0; choice < count; ++choice) {
        if (answer_ && !answer_->empty()) events.push_back(TextDelta{*answer_, choice});
        events.push_back(Finish{.choice = choice});
    }
    done(Verdict::answer(std::move(events)));
}

void CState::attempt(const AttemptInfo&) {
    runs_.clear();
    if (state_ && entry_.attempt) entry_.attempt(state_);
}

void CState::text(Channel channel, std::int32_t choice, const std::string& text) {
    if (failure_) return;
    auto said = outlet_.during(
        {.name = "text", .allowed = fails | passes, .next = next_, .channel = channel, .choice = choice},
        [&](const gatehouse_c_hook_out* out) {
            entry_.text(state_, static_cast<std::int32_t>(channel), choice, bytes_of(text), out);
        });
    failure_ = failure_in(said);
}

void CState::flush(Channel channel, std::int32_t choice) {
    if (failure_) return;
    auto said = outlet_.during(
        {.name = "flush", .allowed = fails | passes, .next = next_, .channel = channel, .choice = choice},
        [&](const gatehouse_c_hook_out* out) {
            entry_.flush(state_, static_cast<std::int32_t>(channel), choice, out);
        });
    failure_ = failure_in(said);
}

void CState::pass(Event event) {
    if (!failure_) next_->emit(std::move(event));
}

void CState::event(Event event, EventSink& next) {
    if (failure_) return;
    if (!state_ || !entry_.text) return next.emit(std::move(event));
    next_ = &next;
    runs_.event(std::move(event));
}

void CState::end(EventSink& next) {
    next_ = &next;
    runs_.end();
}

void CState::wait(Completion<void> done) { done(*failure_); }

void CState::done(const RequestOutcome& outcome) {
    if (!state_ || !entry_.done) return;
    const std::string json = hook_texts::outcome_json(outcome);
    entry_.done(state_, bytes_of(json));
}

}  // namespace gatehouse::c_hook
