// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/thoughts.hpp"

#include <gatehouse/json.hpp>

#include <algorithm>

namespace gatehouse::bedrock {

namespace {

bool has_placed_thoughts(const Message& message, const Model& model) {
    return std::ranges::any_of(message.parts, [&](const Part& part) {
        auto* thought = std::get_if<Thought>(&part);
        return thought && is_returnable(*thought, model);
    });
}

}  // namespace

bool is_returnable(const Thought& thought, const Model& model) {
    return (thought.origin.empty() || thought.origin == model.origin()) &&
           !(thought.signature.empty() && thought.encrypted.empty());
}

std::vector<Thought> leading_thoughts(const Message& message, const Model& model) {
    std::vector<Thought> thoughts;
    if (!model.is_claude() || has_placed_thoughts(message, model)) return thoughts;
    for (const JsonValue block : JsonValue::unchecked(message.extra.text)["thinking_blocks"].items()) {
        Thought thought{.text = block["thinking"].json_string(), .origin = "anthropic"};
        if (block["type"].str() == "thinking") thought.signature = block["signature"].str();
        if (block["type"].str() == "redacted_thinking") thought.encrypted = block["data"].str();
        if (is_returnable(thought, model)) thoughts.push_back(std::move(thought));
    }
    return thoughts;
}

bool lost_thinking(const ChatRequest& request, const Model& model) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
        if (message->role == Role::user) return false;
        if (message->role == Role::assistant && !message->tool_calls.empty() &&
            !has_placed_thoughts(*message, model) && leading_thoughts(*message, model).empty())
            return true;
    }
    return false;
}

}  // namespace gatehouse::bedrock
