// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere/tools.hpp"

#include "plugins/provider/oci/schema/json_tree.hpp"
#include "plugins/provider/oci/schema/keywords.hpp"

#include <unordered_set>

namespace gatehouse::oci {

namespace {

std::string_view python_name(std::string_view type) {
    if (type == "integer") return "int";
    if (type == "number") return "float";
    if (type == "boolean") return "bool";
    if (type == "array") return "list";
    if (type == "object") return "dict";
    return "str";
}

/// Returns the JSON type that `schema` accepts, or the first of several.  Empty:
/// any type.
std::string_view json_type(const Node& schema) {
    if (const Node* type = schema.find("type")) {
        if (type->is_string()) return type->text;
        for (const Node& item : type->items)
            if (item.text != "null") return item.text;
    }
    if (const Node* values = schema.find("enum"); values && !values->items.empty())
        return type_of(values->items[0]);
    if (schema.find("properties") || schema.find("additionalProperties")) return "object";
    if (schema.find("items") || schema.find("prefixItems")) return "array";
    for (std::string_view key : {"anyOf", "oneOf", "allOf"})
        if (const Node* list = schema.find(key))
            for (const Node& item : list->items)
                if (const Node* type = item.find("type"); type && type->is_string() && type->text != "null")
                    return type->text;
    return {};
}

/// Whether the description needs the schema itself, because a sentence cannot
/// express it.
bool is_nested(const Node& schema) {
    for (std::string_view key : {"properties", "items", "prefixItems", "additionalProperties",
                                 "patternProperties", "anyOf", "oneOf", "allOf", "not", "if"})
        if (const Node* inner = schema.find(key);
            inner && inner->raw != "true" && inner->raw != "false" && inner->raw != "{}")
            return true;
    return false;
}

/// Writes a list in Python's form.
std::string list_of(const Node& values) {
    std::string out = "[";
    for (const Node& value : values.items) {
        if (out.size() > 1) out += ", ";
        if (!value.is_string()) {
            out += value.raw;
            continue;
        }
        out += '\'';
        for (char c : value.text) {
            if (c == '\'' || c == '\\') out += '\\';
            out += c;
        }
        out += '\'';
    }
    return out += ']';
}

void say(std::string& text, std::string_view sentence) {
    if (!text.empty()) {
        if (std::string_view(".!?:;").find(text.back()) == std::string_view::npos) text += '.';
        text += ' ';
    }
    text += sentence;
}

std::string describe(const Node& schema) {
    struct Said {
        std::string_view key, words;
    };
    static constexpr Said simple[] = {
        {"format", "Format: "},
        {"pattern", "Pattern: "},
        {"minimum", "Minimum: "},
        {"exclusiveMinimum", "Greater than "},
        {"maximum", "Maximum: "},
        {"exclusiveMaximum", "Less than "},
        {"multipleOf", "Multiple of "},
        {"minLength", "Minimum length: "},
        {"maxLength", "Maximum length: "},
        {"minItems", "Minimum number of items: "},
        {"maxItems", "Maximum number of items: "},
        {"default", "Default: "},
    };
    std::string text;
    if (const Node* given = schema.find("description"); given && given->is_string()) text = given->text;
    if (is_nested(schema)) {
        say(text, "JSON schema: ");
        text += schema.raw;
        return text;
    }
    if (const Node* values = schema.find("enum"); values && values->is_array())
        say(text, "Allowed values: " + list_of(*values));
    for (const Said& one : simple)
        if (const Node* value = schema.find(one.key); value && value->raw != "null")
            say(text, std::string(one.words).append(value->is_string() ? value->text : value->raw));
    return text;
}

}  // namespace

void write_cohere_parameters(JsonWriter& json, std::string_view description, std::string_view schema) {
    const auto tree = JsonTree::parse(schema);
    const Node* properties = tree ? tree->root().find("properties") : nullptr;
    if (!properties || (properties->members.empty() && is_nested(tree->root()))) {
        // The schema has no properties to list, but other keywords.
        std::string text(description);
        say(text, "The parameters have this JSON schema: " + std::string(schema));
        json.member("description", text).key("parameterDefinitions").begin_object().end_object();
        return;
    }
    std::unordered_set<std::string_view> required;
    if (const Node* names = tree->root().find("required"))
        for (const Node& name : names->items) required.insert(name.text);

    json.member("description", description).key("parameterDefinitions").begin_object();
    for (const Member& property : properties->members) {
        json.key(property.key).begin_object().member("type", python_name(json_type(property.value)));
        if (const std::string text = describe(property.value); !text.empty())
            json.member("description", text);
        json.member("isRequired", required.contains(property.key)).end_object();
    }
    json.end_object();
}

}  // namespace gatehouse::oci
