// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/message_item.hpp"

#include "plugins/dialect/openai/pieces.hpp"

#include <utility>

namespace gatehouse::openai_dialect::responses {

namespace {

std::string text_part(std::string_view annotations, std::string_view logprobs, std::string_view text) {
    std::string out = R"({"type":"output_text","annotations":[)";
    out.append(annotations).append("],\"logprobs\":[").append(logprobs).append("],\"text\":");
    append_json_string(out, text);
    return out += '}';
}

std::string refusal_part(std::string_view text) {
    std::string out = R"({"type":"refusal","refusal":)";
    append_json_string(out, text);
    return out += '}';
}

void append_element(std::string& list, std::string_view element) {
    if (!list.empty()) list += ',';
    list += element;
}

}  // namespace

void MessageItem::add(std::string_view text, bool refusal, Outlet& outlet) {
    Content& content = open(refusal, outlet);
    content.text += text;
    if (announced()) write_text(content, text, outlet);
}

MessageItem::Content& MessageItem::open(bool refusal, Outlet& outlet) {
    if (!contents_.empty() && contents_.back().refusal == refusal) return contents_.back();
    if (!contents_.empty() && announced()) write_end(contents_.back(), outlet);
    std::string place = Item::place() + ",\"content_index\":" + std::to_string(contents_.size());
    contents_.push_back({.refusal = refusal, .place = std::move(place)});
    if (announced()) write_begin(contents_.back(), outlet);
    return contents_.back();
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
    std::string annotation;
    JsonWriter json(annotation);
    json.begin_object().member("type", "url_citation").member("url", citation.url);
    json.member("title", citation.title).member("start_index", citation.start - first_character_);
    json.member("end_index", citation.end - first_character_).end_object();
    Content& content = open(false, outlet);
    append_element(content.annotations, annotation);
    const std::string number = std::to_string(content.annotation_count++);
    if (announced())
        outlet.event("response.output_text.annotation.added",
                     {content.place, ",\"annotation_index\":", number, ",\"annotation\":", annotation});
}

void MessageItem::announce(Outlet& outlet) {
    write_added(outlet, R"({"id":")" + id() +
                            R"(","type":"message","status":"in_progress","role":"assistant","content":[]})");
    for (const Content& content : contents_) {
        write_begin(content, outlet);
        if (!content.text.empty()) write_text(content, content.text, outlet);
        if (&content != &contents_.back()) write_end(content, outlet);
    }
}

void MessageItem::write_begin(const Content& content, Outlet& outlet) const {
    outlet.event("response.content_part.added",
                 {content.place, ",\"part\":", content.refusal ? refusal_part({}) : text_part({}, {}, {})});
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
    if (content.refusal)
        outlet.event("response.refusal.done", {content.place, ",\"refusal\":", text});
    else
        outlet.event("response.output_text.done",
                     {content.place, ",\"text\":", text, ",\"logprobs\":[", content.logprobs, "]"});
    const std::string part = content.refusal ? refusal_part(content.text)
                                             : text_part(content.annotations, content.logprobs, content.text);
    outlet.event("response.content_part.done", {content.place, ",\"part\":", part});
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
        out += content.refusal ? refusal_part(content.text)
                               : text_part(content.annotations, content.logprobs, content.text);
    }
    return out += "]}";
}

}  // namespace gatehouse::openai_dialect::responses
