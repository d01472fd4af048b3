// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/c_bridge/c_state.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/hook/c_bridge/facts.hpp"

#include <gatehouse/all_texts.hpp>

#include <algorithm>

namespace gatehouse::c_hook {

using namespace c_bridge;

namespace {

struct ChoiceOf {
    template <typename Any>
    std::optional<std::int32_t> operator()(const Any& event) const {
        if constexpr (requires { event.choice; })
            return event.choice;
        else
            return std::nullopt;
    }
};

}  // namespace

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
    const std::string info = info_json(info_, operation);
    auto begun = outlet_.during({.name = "begin", .allowed = fails}, [&](const gatehouse_c_hook_out* out) {
        state_ = entry_.begin(hook_.instance(), bytes_of(info), out);
    });
    if (auto error = failure_in(begun)) return *std::move(error);
    if (!state_) return hook_.named(defect("begin returned null without out->fail"));
    if (!entry_.request) return {};
    const std::string text = all_texts(operation);
    const bool chat = name_of(operation) == "chat";
    auto said =
        outlet_.during({.name = "request", .allowed = fails | answers},
                       [&](const gatehouse_c_hook_out* out) { entry_.request(state_, bytes_of(text), out); });
    if (auto error = failure_in(said)) return *std::move(error);
    if (said.answer && !chat)
        return hook_.named(defect("out->answer was called for the operation " +
                                  std::string(name_of(operation)) + ", but only a chat can be answered"));
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
    open_.clear();
    if (state_ && entry_.attempt) entry_.attempt(state_);
}

void CState::text(std::int32_t channel, std::int32_t choice, const std::string& text, EventSink& next) {
    if (const auto open = open_.find(choice); open != open_.end() && open->second != channel)
        flush(choice, next);
    if (failure_) return;
    open_[choice] = channel;
    auto said = outlet_.during(
        {.name = "text", .allowed = fails | passes, .next = &next, .channel = channel, .choice = choice},
        [&](const gatehouse_c_hook_out* out) { entry_.text(state_, channel, choice, bytes_of(text), out); });
    failure_ = failure_in(said);
}

void CState::flush(std::int32_t choice, EventSink& next) {
    const auto open = open_.find(choice);
    if (failure_ || open == open_.end()) return;
    const std::int32_t channel = open->second;
    open_.erase(open);
    auto said = outlet_.during(
        {.name = "flush", .allowed = fails | passes, .next = &next, .channel = channel, .choice = choice},
        [&](const gatehouse_c_hook_out* out) { entry_.flush(state_, channel, choice, out); });
    failure_ = failure_in(said);
}

void CState::event(Event event, EventSink& next) {
    if (failure_) return;
    if (!state_ || !entry_.text) return next.emit(std::move(event));
    if (const auto* delta = std::get_if<TextDelta>(&event))
        return text(GATEHOUSE_C_HOOK_ANSWER, delta->choice, delta->text, next);
    if (const auto* delta = std::get_if<ReasoningDelta>(&event))
        return text(GATEHOUSE_C_HOOK_REASONING, delta->choice, delta->text, next);
    if (const auto* delta = std::get_if<RefusalDelta>(&event))
        return text(GATEHOUSE_C_HOOK_REFUSAL, delta->choice, delta->text, next);
    if (std::holds_alternative<LogprobsDelta>(event)) return;
    // An Extra has no place among the texts.  A flush would let a word pass that it cuts.
    const auto choice = std::visit(ChoiceOf{}, event);
    if (choice && !std::holds_alternative<Extra>(event)) flush(*choice, next);
    if (!failure_) next.emit(std::move(event));
}

void CState::end(EventSink& next) {
    while (!failure_ && !open_.empty()) flush(open_.begin()->first, next);
}

void CState::wait(Completion<void> done) { done(*failure_); }

void CState::done(const RequestOutcome& outcome) {
    if (!state_ || !entry_.done) return;
    const std::string json = outcome_json(outcome);
    entry_.done(state_, bytes_of(json));
}

}  // namespace gatehouse::c_hook
