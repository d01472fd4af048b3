// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/reasoning_item.hpp"

#include "plugins/dialect/openai/responses/seal.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

std::string part_json(bool summary, std::string_view text) {
    return std::string(summary ? R"({"type":"summary_text","text":)"
                               : R"({"type":"reasoning_text","text":)") +
           json_of(text) + "}";
}

}  // namespace

void ReasoningItem::add(std::string_view text, Outlet& outlet) {
    if (parts_.empty()) begin_part(true, outlet);
    parts_.back().text += text;
    if (announced()) write_text(parts_.back(), text, outlet);
}

void ReasoningItem::begin_part(bool summary, Outlet& outlet) {
    if (!parts_.empty() && announced()) write_end(parts_.back(), outlet);
    const auto number =
        std::ranges::count_if(parts_, [&](const Part& part) { return part.summary == summary; });
    std::string at = place() + (summary ? ",\"summary_index\":" : ",\"content_index\":");
    parts_.push_back({.summary = summary, .place = std::move(at) + std::to_string(number)});
    if (announced()) write_begin(parts_.back(), outlet);
}

void ReasoningItem::end(const ThoughtEnd& end) {
    thought_.signature = end.signature;
    thought_.encrypted = end.encrypted;
    thought_.origin = end.origin;
    ended_ = true;
}

void ReasoningItem::announce(Outlet& outlet) {
    write_added(outlet, R"({"id":")" + id() + R"(","type":"reasoning","summary":[])" + kept() + "}");
    for (const Part& part : parts_) {
        write_begin(part, outlet);
        if (!part.text.empty()) write_text(part, part.text, outlet);
        if (&part != &parts_.back()) write_end(part, outlet);
    }
}

void ReasoningItem::write_begin(const Part& part, Outlet& outlet) const {
    outlet.event(part.summary ? "response.reasoning_summary_part.added" : "response.content_part.added",
                 {part.place, ",\"part\":", part_json(part.summary, {})});
}

void ReasoningItem::write_text(const Part& part, std::string_view text, Outlet& outlet) {
    outlet.delta(part.summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta",
                 part.place, text);
}

void ReasoningItem::write_end(const Part& part, Outlet& outlet) const {
    if (!outlet.streams()) return;
    outlet.event(part.summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done",
                 {part.place, ",\"text\":", json_of(part.text)});
    outlet.event(part.summary ? "response.reasoning_summary_part.done" : "response.content_part.done",
                 {part.place, ",\"part\":", part_json(part.summary, part.text)});
}

std::string ReasoningItem::close(Outlet& outlet, bool) {
    if (!parts_.empty()) write_end(parts_.back(), outlet);
    std::string made = item(sealed_);
    write_done(outlet, made);
    return made;
}

std::string ReasoningItem::sealed_item() const {
    return thought_.signature.empty() && thought_.encrypted.empty() ? std::string() : item(true);
}

std::string ReasoningItem::parts(bool summary) const {
    std::string out;
    for (const Part& part : parts_) {
        if (part.summary != summary) continue;
        if (!out.empty()) out += ',';
        out += part_json(summary, part.text);
    }
    return out;
}

std::string ReasoningItem::item(bool sealed) const {
    std::string out = R"({"id":")" + id() + R"(","type":"reasoning","summary":[)" + parts(true) + "]";
    if (const std::string content = parts(false); !content.empty())
        out.append(",\"content\":[").append(content).append("]");
    if (sealed) {
        Thought thought = thought_;
        std::string text;
        for (const Part& part : parts_) text.append(text.empty() ? "" : "\n\n").append(part.text);
        thought.text = std::move(text);
        out.append(",\"encrypted_content\":").append(json_of(seal(thought)));
    }
    return out.append(kept()).append("}");
}

}  // namespace gatehouse::openai_dialect::responses
