// SPDX-License-Identifier: Apache-2.0
// The emulator's JSON: a tree that keeps the order of members, since a model
// that makes an object from a schema makes it in the schema's order.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

// Compiled once, in json.cpp.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace gatehouse::emulator {

using Json = nlohmann::ordered_json;

/// Parses `text`.  Returns nothing if it is not JSON or is nested more than
/// `max_depth` deep.
inline std::optional<Json> parse_json(std::string_view text, int max_depth = 500) {
    bool too_deep = false;
    Json tree = Json::parse(
        text,
        [&](int depth, Json::parse_event_t, Json&) {
            too_deep |= depth > max_depth;
            return !too_deep;
        },
        /*allow_exceptions=*/false);
    if (tree.is_discarded() || too_deep) return std::nullopt;
    return tree;
}

/// Compact text.  Bytes that are not UTF-8 become U+FFFD.
inline std::string to_text(const Json& tree) {
    return tree.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Returns the member `name` of an object, or null if it is missing or JSON null.
inline const Json* member(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// Whether two trees are equal, with members in any order.
inline bool same_json(const Json& a, const Json& b) { return nlohmann::json(a) == nlohmann::json(b); }

/// Whether the member `name` is true.
inline bool flag(const Json& object, std::string_view name, bool otherwise = false) {
    const Json* value = member(object, name);
    return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

/// The string member `name`, or an empty view.
inline std::string_view string_member(const Json& object, std::string_view name) {
    const Json* value = member(object, name);
    return value && value->is_string() ? std::string_view(value->get_ref<const std::string&>())
                                       : std::string_view();
}

}  // namespace gatehouse::emulator
