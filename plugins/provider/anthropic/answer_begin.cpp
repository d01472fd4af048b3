// SPDX-License-Identifier: Apache-2.0
// The starts of content blocks.  In a non-streaming response a start is the complete block.
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/anthropic/answer.hpp"

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

/// The input of a call, with its numbers as the upstream wrote them.  Compatible servers send the
/// text of a model that has not written an object.  Nothing if it has another type.
std::optional<std::string> input_of(dom::object block) {
    std::string input;
    for (const auto member : block) {
        if (member.key != "input") continue;
        const auto text = string(member.value);
        if (!text && !member.value.is_object() && !member.value.is_array()) return std::nullopt;
        input.clear();
        text ? void(input = *text) : append_value(input, member);
    }
    return input;
}

}  // namespace

Result<void> MessageReader::begin_block(std::int64_t index, dom::object block, EventSink& events) {
    const std::string_view type = string_member(block, "type");
    if (find(index)) return bad("a content block begins twice");
    if (auto ok = close_last(events); !ok) return ok;
    if (type == "text") return begin_text(index, block, events);
    if (type == "thinking") return begin_thinking(index, block, events);
    if (type == "tool_use") return begin_call(index, block, events);
    if (type != "redacted_thinking") return begin_other(index, block);
    const auto begun = add(index, Kind::redacted);
    if (!begun) return begun.error();
    thoughts_.add_redacted(string_member(block, "data"));
    (*begun)->thought.signature = string_member(block, "data");
    return {};
}

Result<void> MessageReader::begin_text(std::int64_t index, dom::object block, EventSink& events) {
    const auto begun = add(index, Kind::text);
    if (!begun) return begun.error();
    const auto text = words(block, "text");
    if (!text) return text.error();
    say(**begun, *text, events);
    if (const auto citations = array_member(block, "citations"))
        for (dom::element one : *citations)
            if (const auto citation = object(one)) cite(**begun, *citation);
    return {};
}

Result<void> MessageReader::begin_thinking(std::int64_t index, dom::object block, EventSink& events) {
    const auto begun = add(index, Kind::thinking);
    if (!begun) return begun.error();
    const auto text = words(block, "thinking");
    if (!text) return text.error();
    thoughts_.add_signature((*begun)->thought, string_member(block, "signature"));
    think(**begun, *text, events);
    return {};
}

Result<void> MessageReader::begin_call(std::int64_t index, dom::object block, EventSink& events) {
    const auto name = words(block, "name");
    if (!name) return name.error();
    if (name->empty()) return bad("a tool_use block has no name");
    const bool is_answer = !setting_.answer_tool.empty() && *name == setting_.answer_tool;
    const auto begun = add(index, is_answer ? Kind::answer : Kind::tool);
    if (!begun) return begun.error();
    auto input = input_of(block);
    if (!input) return bad("'input' of a tool_use block is neither an object nor a string");
    if (*input != "{}") (*begun)->input = *std::move(input);
    if (is_answer) return {};
    open_text_.reset();
    JsonText extra{unknown_members(block, {"type", "id", "name", "input"})};
    return calls_.add_at(
        index, {string_member(block, "id"), names_.to_client(*name), "", false, std::move(extra)}, events);
}

Result<void> MessageReader::begin_other(std::int64_t index, dom::object block) {
    const auto begun = add(index, Kind::other);
    if (!begun) return begun.error();
    (*begun)->other.emplace(block, room_);
    return {};
}

}  // namespace gatehouse::anthropic
