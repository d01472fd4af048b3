// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/c_door/described.hpp"

#include "plugins/common/c_door/members.hpp"
#include "plugins/common/upstream/text.hpp"

#include <algorithm>

namespace gatehouse::c_bridge {

using namespace upstream;

namespace {

constexpr std::size_t max_settings = 1'000;

/// A text of letters, digits and allowed signs, so that it is valid in messages and in TOML.
bool is_name(std::string_view text, std::string_view also) {
    return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               also.find(c) != also.npos;
    });
}

}  // namespace

std::string name_in(Members& members, std::string_view key, std::string_view also, std::string_view rule) {
    const std::string_view text = members.text(key);
    if (!is_name(text, also)) members.wrong(key, rule);
    return std::string(text);
}

std::vector<std::string> strings_in(Members& members, std::string_view name) {
    std::vector<std::string> out;
    for (dom::element one : members.list(name)) {
        const auto text = string(one);
        if (!text) members.wrong(name, "a list of strings");
        out.emplace_back(*text);
    }
    return out;
}

namespace {

ValueType type_in(Members& members) {
    const std::string_view word = members.text_or("type", "string");
    if (word == "string") return ValueType::string;
    if (word == "integer") return ValueType::integer;
    if (word == "number") return ValueType::number;
    if (word == "boolean") return ValueType::boolean;
    if (word == "string_list") return ValueType::string_list;
    members.wrong("type", "one of string, integer, number, boolean, string_list");
}

/// The default, which must be a valid value of the key.
std::optional<Value> fallback_in(Members& members, const Key& key) {
    const auto found = members.find("default");
    if (!found) return std::nullopt;
    if (key.required) throw Mistake(members.what() + " is required and has a default");
    switch (key.type) {
        case ValueType::boolean: return Value{members.flag_or("default", false)};
        case ValueType::integer: return Value{members.integer("default", key.minimum, key.maximum)};
        case ValueType::number: return Value{members.number("default")};
        case ValueType::string_list: return Value{strings_in(members, "default")};
        case ValueType::string:
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: break;
    }
    std::string text(members.text("default"));
    if (!key.allowed.empty() && !std::count(key.allowed.begin(), key.allowed.end(), text))
        members.wrong("default", "one of the words in \"allowed\"");
    return Value{std::move(text)};
}

Setting read_setting(dom::element element, std::size_t index) {
    Members members(element, "keys[" + std::to_string(index) + "]");
    Key key{.name = name_in(members, "name", "_-", "made of letters, digits, \"_\" and \"-\"")};
    key.type = type_in(members);
    key.doc = members.text("doc");
    key.required = members.flag_or("required", false);
    key.secret = members.flag_or("secret", false);
    if (key.type == ValueType::integer) {
        constexpr auto least = std::numeric_limits<std::int64_t>::min();
        key.minimum = members.maybe_integer("minimum", least).value_or(key.minimum);
        key.maximum = members.maybe_integer("maximum", least).value_or(key.maximum);
        if (key.minimum > key.maximum) members.wrong("minimum", "at most the maximum");
    }
    if (key.type == ValueType::string && members.find("allowed"))
        key.allowed = strings_in(members, "allowed");
    auto fallback = fallback_in(members, key);
    members.finish();
    return {std::move(key), std::move(fallback)};
}

}  // namespace

std::string_view expected(ValueType type) {
    switch (type) {
        case ValueType::boolean: return "true or false";
        case ValueType::integer: return "an integer";
        case ValueType::number: return "a number";
        case ValueType::string_list: return "a list of strings";
        case ValueType::string:
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: break;
    }
    return "a string";
}

void read_described(Members& members, Described& out) {
    out.name = name_in(members, "name", "_-.", "made of letters, digits, \"_\", \"-\" and \".\"");
    out.version =
        name_in(members, "version", "_-.+", "made of letters, digits, \".\", \"-\", \"+\" and \"_\"");
    if (!members.find("keys")) return;
    for (dom::element element : members.list("keys")) {
        if (out.settings.size() == max_settings) members.wrong("keys", "a list of at most 1000");
        Setting setting = read_setting(element, out.settings.size());
        for (const Setting& other : out.settings)
            if (other.key.name == setting.key.name)
                throw Mistake("its description has two keys " + in_quotes(setting.key.name));
        out.settings.push_back(std::move(setting));
    }
}

}  // namespace gatehouse::c_bridge
