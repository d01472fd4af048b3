// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/reasoning_item.hpp"

#include "plugins/dialect/openai/responses/seal.hpp"

namespace gatehouse::openai_dialect::responses {

namespace {

std::string summary(std::string_view text) {
    return R"({"type":"summary_text","text":)" + json_of(text) + "}";
}

}  // namespace

void ReasoningItem::add(std::string_view text, Outlet& outlet) {
    const bool begins = text_.empty();
    text_ += text;
    if (!announced()) return;
    if (begins) write_begin(outlet);
    outlet.delta("response.reasoning_summary_text.delta", place_, text);
}

void ReasoningItem::end(const ThoughtEnd& end) {
    thought_.signature = end.signature;
    thought_.encrypted = end.encrypted;
    thought_.origin = end.origin;
    ended_ = true;
}

void ReasoningItem::announce(Outlet& outlet) {
    place_ = place() + ",\"summary_index\":0";
    write_added(outlet, R"({"id":")" + id() + R"(","type":"reasoning","summary":[]})");
    if (text_.empty()) return;
    write_begin(outlet);
    outlet.delta("response.reasoning_summary_text.delta", place_, text_);
}

void ReasoningItem::write_begin(Outlet& outlet) {
    outlet.event("response.reasoning_summary_part.added", {place_, ",\"part\":", summary({})});
}

void ReasoningItem::write_end(Outlet& outlet) const {
    if (!outlet.streams() || text_.empty()) return;
    outlet.event("response.reasoning_summary_text.done", {place_, ",\"text\":", json_of(text_)});
    outlet.event("response.reasoning_summary_part.done", {place_, ",\"part\":", summary(text_)});
}

std::string ReasoningItem::close(Outlet& outlet, bool) {
    write_end(outlet);
    std::string made = item(sealed_);
    write_done(outlet, made);
    return made;
}

std::string ReasoningItem::sealed_item() const {
    return thought_.signature.empty() && thought_.encrypted.empty() ? std::string() : item(true);
}

std::string ReasoningItem::item(bool sealed) const {
    std::string out = R"({"id":")" + id() + R"(","type":"reasoning","summary":[)";
    if (!text_.empty()) out += summary(text_);
    out += ']';
    if (sealed) {
        Thought thought = thought_;
        thought.text = text_;
        out.append(R"(,"encrypted_content":")").append(seal(thought)).append("\"");
    }
    return out += '}';
}

}  // namespace gatehouse::openai_dialect::responses
