// SPDX-License-Identifier: Apache-2.0
// Items of the output and their deltas.
#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/provider/openai/responses/answer.hpp"

namespace gatehouse::openai_provider::responses {

namespace {

using namespace upstream;

constexpr std::size_t max_items = 10'000;
constexpr std::string_view between_parts = "\n\n";

Error broken(std::string_view what) { return garbage("the upstream", what); }

/// Calls visit(part) for each object in the array `name`.
template <typename Visit>
void for_each_part(dom::object item, std::string_view name, Visit&& visit) {
    const auto parts = array_member(item, name);
    if (!parts) return;
    for (dom::element element : *parts)
        if (const auto part = object(element)) visit(*part);
}

/// The texts of a thought.
std::string thought_in(dom::object item, std::string_view name) {
    std::string text;
    for_each_part(item, name, [&](dom::object part) {
        if (!text.empty()) text += between_parts;
        text += string_member(part, "text");
    });
    return text;
}

JsonText beside_call(dom::object item, bool native) {
    if (!native) return {};
    return {unknown_members(item, {"type", "id", "call_id", "name", "arguments", "input", "status"})};
}

bool is_call(std::string_view type) { return type == "function_call" || type == "custom_tool_call"; }

}  // namespace

Result<ResponseReader::Item*> ResponseReader::item_at(std::int64_t index) {
    if (index < 0 || (items_.size() >= max_items && !items_.contains(index)))
        return broken("it has too many items");
    return &items_[index];
}

Result<void> ResponseReader::begin_item(std::int64_t index, dom::object item, EventSink& events) {
    const auto known = item_at(index);
    if (!known) return known.error();
    const std::string_view type = string_member(item, "type");
    if (!is_call(type)) return {};
    const std::string_view name = string_member(item, "name");
    if (name.empty()) return broken("a call has no name");
    return calls_.add_at(
        index,
        {string_member(item, "call_id"), name, "", type == "custom_tool_call", beside_call(item, native_)},
        events);
}

Result<void> ResponseReader::read_delta(std::string_view type, dom::object top, EventSink& events) {
    if (!type.starts_with("response.") || !type.ends_with(".delta")) return {};
    type.remove_prefix(std::string_view("response.").size());
    type.remove_suffix(std::string_view(".delta").size());
    const bool function = type == "function_call_arguments", custom = type == "custom_tool_call_input";
    const bool summary = type == "reasoning_summary_text";
    if (!function && !custom && !summary && type != "output_text" && type != "refusal" &&
        type != "reasoning_text")
        return {};
    const auto index = integer_member(top, "output_index");
    if (!index) return broken("'output_index' of an event is not a number");
    const auto item = item_at(*index);
    if (!item) return item.error();
    const auto delta = text_member(top, "delta", "the upstream");
    if (!delta) return delta.error();
    if ((*item)->ended) return {};
    if (function || custom) {
        (*item)->text.add(*delta);
        return calls_.add_at(*index, {"", "", *delta, custom}, events);
    }
    if (type == "refusal") {
        refuse(**item, *delta, events);
    } else if (type == "output_text") {
        begin_text(*index, events);
        say(**item, *delta, events);
        read_logprobs(top, events);
    } else {
        const auto part = integer_member(top, summary ? "summary_index" : "content_index");
        think(**item, part.value_or(0), *delta, events);
    }
    return {};
}

/// Two messages are separate blocks.
void ResponseReader::begin_text(std::int64_t index, EventSink& events) {
    if (open_text_ && *open_text_ != index) events.emit(BlockEnd{});
    open_text_ = index;
}

void ResponseReader::read_logprobs(dom::object part, EventSink& events) {
    std::vector<TokenLogprob> tokens = openai_format::read_logprobs(part, "logprobs");
    if (!tokens.empty()) events.emit(LogprobsDelta{.tokens = std::move(tokens)});
}

Result<void> ResponseReader::end_item(std::int64_t index, dom::object item, EventSink& events) {
    const auto known = item_at(index);
    if (!known) return known.error();
    if (std::exchange((*known)->ended, true)) return {};
    const std::string_view type = string_member(item, "type");
    if (is_call(type)) return end_call(index, **known, item, type == "custom_tool_call", events);
    if (type == "reasoning") {
        end_thought(**known, item, events);
    } else if (type == "message") {
        begin_text(index, events);
        return end_message(**known, item, events);
    } else if (native_ && !type.empty()) {
        events.emit(OtherBlock{.protocol = std::string(openai_format::responses_protocol),
                               .type = std::string(type),
                               .json = {text_of(item)}});
    }
    return {};
}

Result<void> ResponseReader::end_message(Item& known, dom::object item, EventSink& events) {
    const auto content = member(item, "content");
    if (content && !array(*content)) return broken("'content' of a message is not an array");
    std::string text, refusal;
    const bool streamed = !known.text.empty();
    std::int64_t start = characters_ - known.characters;
    for_each_part(item, "content", [&](dom::object part) {
        text += string_member(part, "text");
        refusal += string_member(part, "refusal");
    });
    say(known, known.text.rest_of(text), events);
    refuse(known, known.refusal.rest_of(refusal), events);
    for_each_part(item, "content", [&](dom::object part) {
        cite(part, start, events);
        if (!streamed) read_logprobs(part, events);
        start += static_cast<std::int64_t>(common::characters(string_member(part, "text")));
    });
    return {};
}

void ResponseReader::end_thought(Item& known, dom::object item, EventSink& events) {
    std::string text = thought_in(item, "summary");
    if (text.empty()) text = thought_in(item, "content");
    if (const std::string_view rest = known.text.rest_of(text); !rest.empty()) {
        known.text.add(rest);
        events.emit(ReasoningDelta{std::string(rest)});
    }
    const std::string_view encrypted = string_member(item, "encrypted_content");
    if (!native_ || encrypted.empty()) return;
    events.emit(ThoughtEnd{.encrypted = std::string(encrypted),
                           .origin = std::string(openai_format::responses_protocol)});
}

Result<void> ResponseReader::end_call(std::int64_t index, Item& known, dom::object item, bool custom,
                                      EventSink& events) {
    const auto whole = text_member(item, custom ? "input" : "arguments", "the upstream");
    if (!whole) return whole.error();
    const std::string_view name = string_member(item, "name");
    if (name.empty()) return broken("a call has no name");
    const std::string_view rest = known.text.rest_of(*whole);
    known.text.add(rest);
    return calls_.add_at(
        index, {string_member(item, "call_id"), name, rest, custom, beside_call(item, native_)}, events);
}

void ResponseReader::say(Item& item, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    const auto length = static_cast<std::int64_t>(common::characters(text));
    item.text.add(text);
    item.characters += length;
    characters_ += length;
    events.emit(TextDelta{std::string(text)});
}

void ResponseReader::refuse(Item& item, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    item.refusal.add(text);
    events.emit(RefusalDelta{std::string(text)});
}

void ResponseReader::think(Item& item, std::int64_t part, std::string_view text, EventSink& events) {
    if (text.empty()) return;
    std::string said = item.text.empty() || item.part == part ? "" : std::string(between_parts);
    item.part = part;
    said += text;
    item.text.add(said);
    events.emit(ReasoningDelta{std::move(said)});
}

void ResponseReader::cite(dom::object part, std::int64_t start, EventSink& events) {
    for_each_part(part, "annotations", [&](dom::object annotation) {
        if (string_member(annotation, "type") != "url_citation") return;
        const Range range = read_range(annotation, "start_index", "end_index");
        Citation citation{.url = std::string(string_member(annotation, "url")),
                          .title = std::string(string_member(annotation, "title")),
                          .start = start + range.start,
                          .end = start + range.end};
        if (!citation.url.empty()) events.emit(std::move(citation));
    });
}

}  // namespace gatehouse::openai_provider::responses
