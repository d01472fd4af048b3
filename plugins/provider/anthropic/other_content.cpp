// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/other_content.hpp"

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
    for (const auto [name, value] : block) set(name, value);
}

void OtherContent::add(dom::object delta) {
    for (const auto [name, value] : delta) {
        if (name == "type" || value.is_null()) continue;
        const auto text = string(value);
        if (!text) {
            set(name, value);
        } else if (take(text->size())) {
            if (name == "partial_json") {
                input_ += *text;
                continue;
            }
            Member& member = member_at(name);
            if (!std::exchange(member.is_string, true)) member.value.clear();
            member.value += *text;
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

void OtherContent::set(std::string_view name, dom::element value) {
    const auto text = string(value);
    std::string content = text ? std::string(*text) : simdjson::minify(value);
    if (!take(name.size() + content.size())) return;
    Member& member = member_at(name);
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
