// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/native.hpp"

#include "plugins/common/json/json.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/outlet.hpp"
#include "plugins/dialect/openai/responses/request.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t longest_prefix = 16, deepest = 1000;
constexpr std::string_view other_prefix = "item_";

/// Calls each(key, value) for the members of a JSON object.  Returns false for another text.
template <typename Each>
bool for_each_member(std::string text, Each&& each) {
    std::optional<Error> huge;
    const auto document = json::Document::parse(text, deepest, &huge);
    const auto top = document ? document->object() : std::nullopt;
    if (!top) return false;
    json::for_each(*top, [&](std::string_view key, json::Value& value) {
        each(key, value);
        return true;
    });
    return true;
}

void append_pair(std::string& out, std::string_view key, const json::Value& value) {
    out.append(",").append(json_of(key)).append(":").append(on_one_line(json::raw(value)));
}

}  // namespace

std::optional<NativeEvent> native_event(const OtherBlock& block) {
    if (block.protocol != protocol || !block.type.starts_with("response.")) return std::nullopt;
    NativeEvent event;
    bool has_index = false;
    const bool read = for_each_member(block.json.text, [&](std::string_view key, json::Value& value) {
        if (key == "output_index") {
            const auto index = json::integer(value);
            has_index = index.has_value();
            event.index = index.value_or(0);
        } else if (key == "item" && json::object(value)) {
            event.item = json::raw(value);
        } else if (key == "part" && json::object(value)) {
            event.part = json::raw(value);
        } else if (key == "annotation" && json::object(value)) {
            event.annotation = on_one_line(json::raw(value));
        } else {
            append_pair(event.others, key, value);
        }
    });
    if (!read || !has_index) return std::nullopt;
    return event;
}

std::string word_in(std::string_view object, std::string_view name) {
    std::string word;
    for_each_member(std::string(object), [&](std::string_view key, json::Value& value) {
        if (key == name) json::take_string(value, word);
    });
    return word;
}

std::string members_without(std::string_view object, std::span<const std::string_view> known) {
    std::string out;
    for_each_member(std::string(object), [&](std::string_view key, json::Value& value) {
        if (std::ranges::find(known, key) == known.end()) append_pair(out, key, value);
    });
    return out;
}

std::string with_id(std::string_view object, std::string_view id) {
    std::string members;
    bool had = false;
    for_each_member(std::string(object), [&](std::string_view key, json::Value& value) {
        if (key != "id") return append_pair(members, key, value);
        had = true;
        members.append(",\"id\":").append(json_of(id));
    });
    if (!had) members = ",\"id\":" + json_of(id) + members;
    members[0] = '{';
    return members += '}';
}

std::string id_prefix_of(std::string_view id) {
    const std::size_t end = id.find('_');
    const bool fits = end != id.npos && end > 0 && end < longest_prefix &&
                      std::ranges::all_of(id.substr(0, end), [](char c) { return c >= 'a' && c <= 'z'; });
    return std::string(fits ? id.substr(0, end + 1) : other_prefix);
}

}  // namespace gatehouse::openai_dialect::responses
