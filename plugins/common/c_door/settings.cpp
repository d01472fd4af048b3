// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/c_door/settings.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gatehouse::c_bridge {

namespace {

[[noreturn]] void wrong(const Key& key, const std::string& rule, const std::string& value = {}) {
    const bool shows = !key.secret && !value.empty();
    throw KeyError(path_of(key.name),
                   path_of(key.name) + " must be " + rule +
                       (shows ? ", not " + upstream::in_quotes(value.substr(0, 200)) : ""));
}

/// Parses the complete `text`.  Returns nothing if it is not a number.
template <typename Number>
std::optional<Number> number_in(const std::string& text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return value;
}

Value integer(const Key& key, const std::string& text) {
    const auto value = number_in<std::int64_t>(text);
    if (!value) wrong(key, "an integer in quotes, such as \"5\"", text);
    if (*value < key.minimum || *value > key.maximum) {
        const Key open;
        const std::string low = std::to_string(key.minimum), high = std::to_string(key.maximum);
        wrong(key,
              key.maximum == open.maximum   ? "at least " + low
              : key.minimum == open.minimum ? "at most " + high
                                            : "between " + low + " and " + high,
              text);
    }
    return Value{*value};
}

/// Converts a setting's string to the type of its key.
Value converted(const Key& key, const std::vector<std::string>& list) {
    if (key.type == ValueType::string_list) return Value{list};
    if (list.size() != 1)
        wrong(key, std::string(expected(key.type)) + ", not a list of " + std::to_string(list.size()));
    const std::string& text = list.front();
    switch (key.type) {
        case ValueType::integer: return integer(key, text);
        case ValueType::number: {
            const auto value = number_in<double>(text);
            if (!value || !std::isfinite(*value)) wrong(key, "a number in quotes, such as \"0.5\"", text);
            return Value{*value};
        }
        case ValueType::boolean:
            if (text != "true" && text != "false") wrong(key, "\"true\" or \"false\"", text);
            return Value{text == "true"};
        case ValueType::string_list:
        case ValueType::string:
        case ValueType::table_list:
        case ValueType::table_map:
        case ValueType::string_list_map:
        case ValueType::table: break;
    }
    if (!key.allowed.empty() && !std::count(key.allowed.begin(), key.allowed.end(), text)) {
        std::string words;
        for (const std::string& word : key.allowed) common::add_to_list(words, upstream::in_quotes(word));
        wrong(key, "one of " + words, text);
    }
    return Value{text};
}

struct ValueWriter {
    JsonWriter& json;

    void operator()(bool flag) { json.value(flag); }
    void operator()(std::int64_t number) { json.value(number); }
    void operator()(double number) { json.value(number); }
    void operator()(const std::string& text) { json.value(text); }
    void operator()(const std::vector<std::string>& list) {
        json.begin_array();
        for (const std::string& text : list) json.value(text);
        json.end_array();
    }
    // Settings never have these types.
    void operator()(const Table&) { json.null(); }
    void operator()(const std::vector<Table>&) { json.null(); }
};

void check_names(const Described& description, const Given& given) {
    for (const auto& entry : given) {
        const std::string& name = entry.first;
        std::string allowed;
        bool known = false;
        for (const Setting& setting : description.settings) {
            common::add_to_list(allowed, setting.key.name);
            known = known || setting.key.name == name;
        }
        if (!known)
            throw KeyError(path_of(name),
                           description.name + " has no setting " + upstream::in_quotes(name) +
                               (allowed.empty() ? " (it has none)" : " (allowed: " + allowed + ")"));
    }
}

}  // namespace

std::string path_of(const std::string& setting) {
    const bool bare = !setting.empty() && std::all_of(setting.begin(), setting.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
    return "settings." + (bare ? setting : toml_quoted(setting));
}

std::string config_json(const Described& description, const Given& given, const Limits& limits) {
    check_names(description, given);
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("settings").begin_object();
    for (const Setting& setting : description.settings) {
        const auto found = given.find(setting.key.name);
        std::optional<Value> value = setting.fallback;
        if (found != given.end())
            value = converted(setting.key, found->second);
        else if (setting.key.required)
            throw KeyError("settings", "settings lack the key " + upstream::in_quotes(setting.key.name) +
                                           ": " + setting.key.doc);
        if (!value) continue;
        json.key(setting.key.name);
        std::visit(ValueWriter{json}, value->data);
    }
    json.end_object().key("limits").begin_object();
    json.member("max_event_bytes", limits.max_event_bytes);
    json.member("max_answer_bytes", limits.max_answer_bytes).end_object().end_object();
    return out;
}

}  // namespace gatehouse::c_bridge
