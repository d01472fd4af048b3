// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/turns.hpp"

#include "plugins/common/upstream/conversation.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse::openai_dialect::responses {

namespace {

/// Calls without a place follow all parts.  A later part requires places for the calls before it.
void place_calls(Message& message) {
    const auto placed = static_cast<std::size_t>(std::ranges::count_if(
        message.parts, [](const Part& part) { return std::holds_alternative<ToolCallRef>(part); }));
    for (std::size_t i = placed; i < message.tool_calls.size(); ++i)
        message.parts.emplace_back(ToolCallRef{i});
}

}  // namespace

void Turns::add(Message message) {
    take_waiting(message);
    turns_.push_back({.message = std::move(message), .added = new_});
    has_new_ |= new_;
}

// A call that has a result already ends the turn.
Turns::Turn* Turns::open_turn() {
    const bool open = !turns_.empty() && turns_.back().results.empty() && turns_.back().added == new_;
    return open ? &turns_.back() : nullptr;
}

Message& Turns::assistant() {
    const Turn* open = open_turn();
    if (!open || open->message.role != Role::assistant) add({.role = Role::assistant});
    return turns_.back().message;
}

void Turns::take_waiting(Message& message) {
    message.parts.insert(message.parts.begin(), std::make_move_iterator(waiting_.begin()),
                         std::make_move_iterator(waiting_.end()));
    waiting_.clear();
}

void Turns::add_other(OtherPart item) {
    has_new_ |= new_;
    Turn* open = waiting_.empty() ? open_turn() : nullptr;
    if (!open) return waiting_.push_back(std::move(item));
    if (!open->message.tool_calls.empty()) place_calls(open->message);
    open->message.parts.emplace_back(std::move(item));
}

bool Turns::said() const {
    if (turns_.empty() || !waiting_.empty() || !turns_.back().results.empty()) return false;
    const Message& message = turns_.back().message;
    if (message.role != Role::assistant || message.parts.empty()) return false;
    const Part& last = message.parts.back();
    return std::holds_alternative<Text>(last) || std::holds_alternative<Refusal>(last);
}

void Turns::add_part(Part part) {
    Message& message = assistant();
    if (!message.tool_calls.empty()) place_calls(message);
    message.parts.push_back(std::move(part));
}

void Turns::add_call(ToolCall call) {
    Message& message = assistant();
    call_turns_[call.id] = turns_.size() - 1;
    message.tool_calls.push_back(std::move(call));
}

bool Turns::add_result(Message message) {
    const auto turn = call_turns_.find(message.tool_call_id);
    if (turn == call_turns_.end()) return false;
    turns_[turn->second].results.push_back({std::move(message), new_});
    has_new_ |= new_;
    return true;
}

void Turns::answer_all(Turn& turn) {
    for (const ToolCall& call : turn.message.tool_calls) {
        const bool answered = std::ranges::any_of(
            turn.results, [&](const Result& result) { return result.message.tool_call_id == call.id; });
        if (answered) continue;
        Message result{.role = Role::tool, .tool_call_id = call.id};
        result.parts.emplace_back(Text{std::string(upstream::no_result)});
        turn.results.push_back({std::move(result), false});
    }
}

Turns::Messages Turns::take() {
    if (!waiting_.empty()) add({.role = Role::assistant});
    Messages messages;
    auto add = [&](Message& message, bool added) {
        if (added) messages.added.push_back(messages.all.size());
        messages.all.push_back(std::move(message));
    };
    for (Turn& turn : turns_) {
        answer_all(turn);
        add(turn.message, turn.added);
        for (Result& result : turn.results) add(result.message, result.added);
    }
    turns_.clear();
    return messages;
}

}  // namespace gatehouse::openai_dialect::responses
