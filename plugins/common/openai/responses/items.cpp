// SPDX-License-Identifier: Apache-2.0
// Items of the output and their deltas.
#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/openai/responses/answer.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/answer_parts.hpp"

namespace gatehouse::openai_format::responses {

namespace {

using namespace upstream;

constexpr std::size_t max_items = 10'000;
constexpr std::string_view between_parts = "\n\n";

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

/// Whether items of the type have events in the SDK.
bool is_known(std::string_view type) { return is_call(type) || type == "message" || type == "reasoning"; }

}  // namespace

Result<ResponseReader::Item*> ResponseReader::item_at(std::int64_t index) {
    if (index < 0 || (items_.size() >= max_items && !items_.contains(index)))
        return garbage(who_, "it has too many items");
    return &items_[index];
}

Result<void> ResponseReader::begin_item(std::int64_t index, dom::object item, EventSink& events) {
    const auto known = item_at(index);
    if (!known) return known.error();
    const std::string_view type = string_member(item, "type");
    if (!std::exchange((*known)->told, true)) {
        (*known)->is_other = !is_known(type);
        tell_item("response.output_item.added", index, **known, item, events);
    }
    if (!is_call(type)) return {};
    const std::string_view name = string_member(item, "name");
    if (name.empty()) return garbage(who_, "a call has no name");
    return calls_.add_at(
        index,
        {string_member(item, "call_id"), name, "", type == "custom_tool_call", beside_call(item, native_)},
        events);
}

Result<void> ResponseReader::read_delta(std::string_view type, dom::object top, EventSink& events) {
    if (native_) read_structure(type, top, events);
    if (!type.starts_with("response.") || !type.ends_with(".delta")) return {};
    type.remove_prefix(std::string_view("response.").size());
    type.remove_suffix(std::string_view(".delta").size());
    const bool function = type == "function_call_arguments", custom = type == "custom_tool_call_input";
    const bool summary = type == "reasoning_summary_text";
    if (!function && !custom && !summary && type != "output_text" && type != "refusal" &&
        type != "reasoning_text")
        return {};
    const auto index = integer_member(top, "output_index");
    if (!index) return garbage(who_, "'output_index' of an event is not a number");
    const auto item = item_at(*index);
    if (!item) return item.error();
    const auto delta = text_member(top, "delta", who_);
    if (!delta) return delta.error();
    if ((*item)->ended) return {};
    if (function || custom) {
        (*item)->text.add(*delta);
        return calls_.add_at(*index, {"", "", *delta, custom}, events);
    }
    const std::int64_t part =
        integer_member(top, summary ? "summary_index" : "content_index").value_or((*item)->part);
    if (type == "refusal") {
        tell_part(*index, **item, false, part, "refusal", {}, events);
        refuse(**item, *delta, events);
    } else if (type == "output_text") {
        begin_text(*index, events);
        tell_part(*index, **item, false, part, "output_text", {}, events);
        say(**item, *delta, events);
        read_logprobs(top, events);
    } else {
        think(*index, **item, summary, part, *delta, events);
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
    if ((*known)->ended) return {};
    const std::string_view type = string_member(item, "type");
    if (native_ && !(*known)->told)
        if (auto ok = begin_item(index, item, events); !ok) return ok;
    (*known)->ended = true;
    if (is_call(type)) {
        if (auto ok = end_call(index, **known, item, type == "custom_tool_call", events); !ok) return ok;
    } else if (type == "reasoning") {
        end_thought(index, **known, item, events);
    } else if (type == "message") {
        begin_text(index, events);
        if (auto ok = end_message(index, **known, item, events); !ok) return ok;
    }
    tell_item("response.output_item.done", index, **known, item, events);
    return {};
}

Result<void> ResponseReader::end_message(std::int64_t index, Item& known, dom::object item,
                                         EventSink& events) {
    const auto content = member(item, "content");
    if (content && !array(*content)) return garbage(who_, "'content' of a message is not an array");
    std::string text, refusal;
    const bool streamed = !known.text.empty();
    const std::int64_t first = characters_ - known.characters;
    std::int64_t start = first, number = 0;
    for_each_part(item, "content", [&](dom::object part) {
        const std::string_view said = string_member(part, "text");
        text += said;
        refusal += string_member(part, "refusal");
        if (number >= known.part)
            tell_part(index, known, false, number, string_member(part, "type"), unknown_of_part(part),
                      events);
        say(known, known.text.rest_of(text), events);
        refuse(known, known.refusal.rest_of(refusal), events);
        if (!native_)
            for_each_part(part, "annotations", [&](dom::object one) { cite(one, start, events); });
        else if (number == known.part)
            annotate_rest(index, known, part, events);
        if (!streamed) read_logprobs(part, events);
        if (number == known.part) tell_part_end(index, known, part, events);
        start += static_cast<std::int64_t>(common::characters(said));
        ++number;
    });
    return {};
}

void ResponseReader::end_thought(std::int64_t index, Item& known, dom::object item, EventSink& events) {
    if (native_) {
        std::string so_far;
        const bool streamed = known.has_part;
        for (const bool summary : {true, false})
            think_parts(index, known, item, summary, streamed, so_far, events);
    } else {
        std::string text = thought_in(item, "summary");
        if (text.empty()) text = thought_in(item, "content");
        if (const std::string_view rest = known.text.rest_of(text); !rest.empty()) {
            known.text.add(rest);
            events.emit(ReasoningDelta{std::string(rest)});
        }
    }
    const std::string_view encrypted = string_member(item, "encrypted_content");
    if (!native_ || encrypted.empty()) return;
    events.emit(ThoughtEnd{.encrypted = std::string(encrypted),
                           .origin = std::string(openai_format::responses_protocol)});
}

void ResponseReader::think_parts(std::int64_t index, Item& known, dom::object item, bool summary,
                                 bool streamed, std::string& so_far, EventSink& events) {
    std::int64_t number = 0;
    const std::string_view type = summary ? "summary_text" : "reasoning_text";
    for_each_part(item, summary ? "summary" : "content", [&](dom::object part) {
        so_far += string_member(part, "text");
        const std::string rest(known.text.rest_of(so_far));
        if (!streamed) tell_part(index, known, summary, number, type, {}, events);
        think(index, known, summary, number++, rest, events);
    });
}

Result<void> ResponseReader::end_call(std::int64_t index, Item& known, dom::object item, bool custom,
                                      EventSink& events) {
    const auto whole = text_member(item, custom ? "input" : "arguments", who_);
    if (!whole) return whole.error();
    const std::string_view name = string_member(item, "name");
    if (name.empty()) return garbage(who_, "a call has no name");
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

/// Parts are paragraphs for a client of another API.
void ResponseReader::think(std::int64_t index, Item& item, bool summary, std::int64_t part,
                           std::string_view text, EventSink& events) {
    if (text.empty()) return;
    const bool continues = item.text.empty() || (item.part == part && item.summary == summary);
    std::string said = native_ || continues ? "" : std::string(between_parts);
    tell_part(index, item, summary, part, summary ? "summary_text" : "reasoning_text", {}, events);
    said += text;
    item.text.add(said);
    events.emit(ReasoningDelta{std::move(said)});
}

void ResponseReader::cite(dom::object annotation, std::int64_t start, EventSink& events) const {
    if (string_member(annotation, "type") != "url_citation") return;
    const Range range = read_range(annotation, "start_index", "end_index");
    Citation citation{.url = std::string(string_member(annotation, "url")),
                      .title = std::string(string_member(annotation, "title")),
                      .start = start + range.start,
                      .end = start + range.end};
    if (native_)
        citation.extra = {unknown_members(annotation, {"type", "url", "title", "start_index", "end_index"})};
    if (!citation.url.empty()) events.emit(std::move(citation));
}

}  // namespace gatehouse::openai_format::responses
