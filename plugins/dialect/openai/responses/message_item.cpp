// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/message_item.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/dialect/openai/pieces.hpp"

#include <utility>

namespace gatehouse::openai_dialect::responses {

namespace {

std::string text_part(std::string_view annotations, std::string_view logprobs, std::string_view text,
                      std::string_view kept) {
    std::string out = R"({"type":"output_text","annotations":[)";
    out.append(annotations).append("],\"logprobs\":[").append(logprobs).append("],\"text\":");
    append_json_string(out, text);
    return out.append(kept).append("}");
}

std::string refusal_part(std::string_view text, std::string_view kept) {
    std::string out = R"({"type":"refusal","refusal":)";
    append_json_string(out, text);
    return out.append(kept).append("}");
}

void append_element(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

}  // namespace

void MessageItem::add(std::string_view text, bool refusal, Outlet& outlet) {
    Content& content = open(refusal, outlet);
    content.text += text;
    if (!refusal) characters_ += static_cast<std::int64_t>(common::characters(text));
    if (announced()) write_text(content, text, outlet);
}

MessageItem::Content& MessageItem::open(bool refusal, Outlet& outlet) {
    const bool same =
        !contents_.empty() && contents_.back().refusal == refusal && contents_.back().other.empty();
    return same ? contents_.back() : push({.refusal = refusal}, outlet);
}

MessageItem::Content& MessageItem::push(Content content, Outlet& outlet) {
    if (!contents_.empty() && announced()) write_end(contents_.back(), outlet);
    content.place = Item::place() + ",\"content_index\":" + std::to_string(contents_.size());
    content.first_character = characters_;
    contents_.push_back(std::move(content));
    if (announced()) write_begin(contents_.back(), outlet);
    return contents_.back();
}

void MessageItem::begin_part(bool refusal, std::string members, Outlet& outlet) {
    push({.refusal = refusal, .kept = std::move(members)}, outlet);
}

void MessageItem::end_part(std::string members) {
    if (!contents_.empty()) contents_.back().kept = std::move(members);
}

void MessageItem::add_other(std::string_view part, Outlet& outlet) {
    push({.other = on_one_line(part)}, outlet);
}

void MessageItem::ensure_part(Outlet& outlet) {
    if (contents_.empty()) open(false, outlet);
}

void MessageItem::add_logprobs(const LogprobsDelta& delta, Outlet& outlet) {
    if (delta.tokens.empty() || delta.refusal) return;
    std::string tokens;
    append_logprobs(tokens, delta.tokens);
    append_element(open(false, outlet).logprobs, tokens);
    append_element(waiting_logprobs_, tokens);
}

void MessageItem::add_citation(const Citation& citation, Outlet& outlet) {
    const std::int64_t first = first_character_ + open(false, outlet).first_character;
    std::string annotation;
    JsonWriter json(annotation);
    json.begin_object().member("type", "url_citation").member("url", citation.url);
    json.member("title", citation.title).member("start_index", citation.start - first);
    json.member("end_index", citation.end - first);
    append_extra(annotation, citation.extra);
    json.end_object();
    add_annotation(annotation, outlet);
}

void MessageItem::add_annotation(std::string_view annotation, Outlet& outlet) {
    Content& content = open(false, outlet);
    append_element(content.annotations, annotation);
    const std::string number = std::to_string(content.annotation_count++);
    if (announced())
        outlet.event("response.output_text.annotation.added",
                     {content.place, ",\"annotation_index\":", number, ",\"annotation\":", annotation});
}

void MessageItem::announce(Outlet& outlet) {
    write_added(outlet, R"({"id":")" + id() +
                            R"(","type":"message","status":"in_progress","role":"assistant","content":[])" +
                            kept() + "}");
    for (const Content& content : contents_) {
        write_begin(content, outlet);
        if (!content.text.empty()) write_text(content, content.text, outlet);
        if (&content != &contents_.back()) write_end(content, outlet);
    }
}

void MessageItem::write_begin(const Content& content, Outlet& outlet) const {
    Content empty{.refusal = content.refusal, .kept = content.kept, .other = content.other};
    outlet.event("response.content_part.added", {content.place, ",\"part\":", part(empty)});
}

void MessageItem::write_text(const Content& content, std::string_view text, Outlet& outlet) {
    if (content.refusal) return outlet.delta("response.refusal.delta", content.place, text);
    const std::string_view type = "response.output_text.delta";
    if (waiting_logprobs_.empty()) return outlet.delta(type, content.place, text, ",\"logprobs\":[]");
    const std::string tokens = ",\"logprobs\":[" + std::exchange(waiting_logprobs_, {}) + "]";
    outlet.delta(type, content.place, text, tokens);
}

void MessageItem::write_end(const Content& content, Outlet& outlet) const {
    if (!outlet.streams()) return;
    const std::string text = json_of(content.text);
    if (content.other.empty() && content.refusal)
        outlet.event("response.refusal.done", {content.place, ",\"refusal\":", text});
    else if (content.other.empty())
        outlet.event("response.output_text.done",
                     {content.place, ",\"text\":", text, ",\"logprobs\":[", content.logprobs, "]"});
    outlet.event("response.content_part.done", {content.place, ",\"part\":", part(content)});
}

std::string MessageItem::part(const Content& content) {
    if (!content.other.empty()) return content.other;
    if (content.refusal) return refusal_part(content.text, content.kept);
    return text_part(content.annotations, content.logprobs, content.text, content.kept);
}

std::string MessageItem::close(Outlet& outlet, bool cut) {
    if (!contents_.empty()) write_end(contents_.back(), outlet);
    std::string made = item(cut ? "incomplete" : "completed");
    write_done(outlet, made);
    return made;
}

std::string MessageItem::item(std::string_view status) const {
    std::string out = R"({"id":")" + id() + R"(","type":"message","status":")";
    out.append(status).append(R"(","role":"assistant","content":[)");
    for (const Content& content : contents_) {
        if (&content != &contents_.front()) out += ',';
        out += part(content);
    }
    return out.append("]").append(kept()).append("}");
}

}  // namespace gatehouse::openai_dialect::responses
