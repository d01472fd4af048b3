// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/past_thoughts.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/parts.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

bool is_thought(const Part& part) {
    if (auto* thought = std::get_if<Thought>(&part)) return is_returnable(*thought);
    auto* other = std::get_if<OtherPart>(&part);
    return other && (other->type == "thinking" || other->type == "redacted_thinking");
}

/// Whether `message` has its thoughts among its parts.
bool has_placed_thoughts(const Message& message) {
    return std::any_of(message.parts.begin(), message.parts.end(), is_thought);
}

/// The thought as a block, or empty if the API has not issued it.
std::string block_of(dom::object thought) {
    const std::string_view type = string_member(thought, "type");
    const bool is_signed = type == "thinking" && !string_member(thought, "signature").empty() &&
                           member(thought, "thinking").has_value();
    if (!is_signed && (type != "redacted_thinking" || string_member(thought, "data").empty())) return {};
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("type", type);
    for (const char* key : {"thinking", "signature", "data"})
        if (const auto value = member(thought, key))
            if (const auto word = string(*value)) json.member(key, *word);
    json.end_object();
    return out;
}

}  // namespace

std::vector<std::string> leading_thoughts(const Message& message) {
    std::vector<std::string> blocks;
    if (has_placed_thoughts(message)) return blocks;
    std::string text = json::member_of(message.extra, "thinking_blocks");
    const auto tree = text.empty() ? std::nullopt : Tree::parse(text);
    const auto list = tree ? array(tree->root()) : std::nullopt;
    if (!list) return blocks;
    for (dom::element element : *list)
        if (const auto thought = object(element))
            if (std::string block = block_of(*thought); !block.empty()) blocks.push_back(std::move(block));
    return blocks;
}

namespace {
bool has_thoughts(const Message& message) {
    return has_placed_thoughts(message) || !leading_thoughts(message).empty();
}
}  // namespace

bool lost_thinking(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
        if (message->role == Role::user) return false;
        if (message->role == Role::assistant && !message->tool_calls.empty() && !has_thoughts(*message))
            return true;
    }
    return false;
}

}  // namespace gatehouse::anthropic
