// SPDX-License-Identifier: Apache-2.0
// The structure of the output, for a client of the same API: events without the texts.
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/openai/responses/answer.hpp"
#include "plugins/common/upstream/answer_parts.hpp"

#include <utility>

namespace gatehouse::openai_format::responses {

namespace {

using namespace upstream;

/// Members of an item that other events of the SDK have.
std::string without_texts(dom::object item) {
    return unknown_members(item, {"content", "summary", "encrypted_content", "arguments", "input"},
                           Nulls::keep);
}

std::string at(std::int64_t index) { return "{\"output_index\":" + std::to_string(index); }

std::string part_json(std::string_view type, std::string_view unknown) {
    std::string out = "{\"type\":\"" + std::string(type) + '"';
    if (unknown.empty()) return out += '}';
    return out.append(",").append(unknown.substr(1));
}

bool has_events(std::string_view part_type) { return part_type == "output_text" || part_type == "refusal"; }

}  // namespace

std::string ResponseReader::unknown_of_part(dom::object part) {
    return unknown_members(part, {"type", "text", "refusal", "annotations", "logprobs"}, Nulls::keep);
}

void ResponseReader::tell(std::string_view type, std::string members, EventSink& events) const {
    if (!native_) return;
    events.emit(OtherBlock{.protocol = std::string(openai_format::responses_protocol),
                           .type = std::string(type),
                           .json = {std::move(members)}});
}

void ResponseReader::tell_item(std::string_view type, std::int64_t index, const Item& known, dom::object item,
                               EventSink& events) const {
    if (!native_) return;
    const std::string json = known.is_other ? text_of(item) : without_texts(item);
    tell(type, at(index) + ",\"item\":" + (json.empty() ? "{}" : json) + "}", events);
}

void ResponseReader::tell_part(std::int64_t index, Item& known, bool summary, std::int64_t number,
                               std::string_view type, std::string_view part, EventSink& events) const {
    const bool same = known.has_part && known.summary == summary && known.part == number;
    if (same) return;
    known.has_part = true;
    known.summary = summary;
    known.part = number;
    known.notes = 0;
    known.part_characters = known.characters;
    if (!native_) return;
    std::string members = at(index);
    members.append(summary ? ",\"summary_index\":" : ",\"content_index\":").append(std::to_string(number));
    members.append(",\"part\":").append(part_json(type, part)).append("}");
    tell(summary ? "response.reasoning_summary_part.added" : "response.content_part.added",
         std::move(members), events);
}

void ResponseReader::tell_part_end(std::int64_t index, const Item& known, dom::object part,
                                   EventSink& events) const {
    if (!native_) return;
    const std::string_view type = string_member(part, "type");
    const std::string unknown = unknown_of_part(part);
    if (unknown.empty() && has_events(type)) return;
    std::string members = at(index) + ",\"content_index\":" + std::to_string(known.part) + ",\"part\":";
    members += has_events(type) ? part_json(type, unknown) : text_of(part);
    tell("response.content_part.done", members + "}", events);
}

void ResponseReader::annotate(std::int64_t index, Item& known, dom::object annotation,
                              EventSink& events) const {
    ++known.notes;
    if (string_member(annotation, "type") == "url_citation" && !string_member(annotation, "url").empty())
        return cite(annotation, characters_ - known.characters + known.part_characters, events);
    tell("response.output_text.annotation.added", at(index) + ",\"annotation\":" + text_of(annotation) + "}",
         events);
}

/// The annotations of the last part that had no event.
void ResponseReader::annotate_rest(std::int64_t index, Item& known, dom::object part,
                                   EventSink& events) const {
    const auto list = array_member(part, "annotations");
    if (!list) return;
    const std::int64_t told = known.notes;
    std::int64_t number = 0;
    for (dom::element element : *list)
        if (const auto annotation = object(element); annotation && number++ >= told)
            annotate(index, known, *annotation, events);
}

void ResponseReader::read_structure(std::string_view type, dom::object top, EventSink& events) {
    const auto index = integer_member(top, "output_index");
    const auto found = index ? items_.find(*index) : items_.end();
    if (found == items_.end() || found->second.ended || !found->second.told) return;
    Item& item = found->second;
    if (item.is_other) {
        const std::string members = unknown_members(top, {"type", "sequence_number", "item_id"}, Nulls::keep);
        return tell(type, members, events);
    }
    const bool summary = type == "response.reasoning_summary_part.added";
    if (summary || type == "response.content_part.added") {
        const auto number = integer_member(top, summary ? "summary_index" : "content_index");
        const auto part = object_member(top, "part");
        if (!number || !part) return;
        const std::string_view kind = string_member(*part, "type");
        tell_part(*index, item, summary, *number, kind, unknown_of_part(*part), events);
    } else if (type == "response.output_text.annotation.added") {
        if (const auto annotation = object_member(top, "annotation"))
            annotate(*index, item, *annotation, events);
    }
}

}  // namespace gatehouse::openai_format::responses
