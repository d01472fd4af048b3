// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/other_content.hpp"

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/json_check.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

void write_input(JsonWriter& json, const std::string& input) {
    JsonCheck check;
    check.feed(input);
    check.complete() ? json.raw(input) : json.value(input);
}

}  // namespace

OtherContent::OtherContent(dom::object block, std::size_t& room)
    : room_(&room), type_(string_member(block, "type")) {
    for (const auto member : block) set(member);
}

void OtherContent::add(dom::object delta) {
    for (const auto member : delta) {
        const auto& [name, value] = member;
        if (name == "type" || value.is_null()) continue;
        const auto text = string(value);
        if (!text) {
            set(member);
        } else if (take(text->size())) {
            if (name == "partial_json") {
                input_ += *text;
                continue;
            }
            Member& joined = member_at(name);
            if (!std::exchange(joined.is_string, true)) joined.value.clear();
            joined.value += *text;
        }
    }
}

std::optional<OtherBlock> OtherContent::block() const {
    if (!fits_ || type_.empty()) return std::nullopt;
    OtherBlock out{.protocol = "anthropic", .type = type_};
    JsonWriter json(out.json.text);
    json.begin_object();
    bool input = !input_.empty();
    for (const Member& member : members_) {
        json.key(member.name);
        if (member.name == "input" && std::exchange(input, false))
            write_input(json, input_);
        else
            member.is_string ? json.value(member.value) : json.raw(member.value);
    }
    if (input) write_input(json.key("input"), input_);
    json.end_object();
    return out;
}

void OtherContent::set(const dom::key_value_pair& from) {
    const auto text = string(from.value);
    std::string content(text.value_or(std::string_view()));
    if (!text) append_value(content, from);
    if (!take(from.key.size() + content.size())) return;
    Member& member = member_at(from.key);
    member.value = std::move(content);
    member.is_string = text.has_value();
}

/// Returns false, and drops the block, if `bytes` do not fit.
bool OtherContent::take(std::size_t bytes) {
    fits_ = fits_ && bytes <= *room_;
    if (fits_)
        *room_ -= bytes;
    else
        members_.clear();
    return fits_;
}

OtherContent::Member& OtherContent::member_at(std::string_view name) {
    const auto found = std::ranges::find_if(members_, [&](const Member& m) { return m.name == name; });
    return found != members_.end() ? *found : members_.emplace_back(Member{std::string(name), {}});
}

}  // namespace gatehouse::anthropic
