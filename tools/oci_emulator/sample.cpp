// SPDX-License-Identifier: Apache-2.0
// Makes a value for each kind of schema: from const, enum, examples or default,
// otherwise a simple value within the limits.
#include "tools/oci_emulator/sample.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace gatehouse::emulator {

namespace {

// Limit against recursive schemas, which may have no finite value.
constexpr int deepest = 24;

Json sample(const Json& schema, const Json& root, const std::string& name, int depth);

Json sample_string(const Json& schema, const std::string& name) {
    static const std::map<std::string_view, const char*> formats = {
        {"date-time", "2026-11-22T10:00:00Z"},
        {"date", "2026-11-22"},
        {"time", "10:00:00Z"},
        {"email", "someone@example.com"},
        {"uri", "https://example.com/"},
        {"uuid", "00000000-0000-4000-8000-000000000000"},
        {"ipv4", "192.0.2.1"},
        {"hostname", "example.com"}};
    if (const auto known = formats.find(string_member(schema, "format")); known != formats.end())
        return known->second;
    std::string text = name.empty() ? "text" : name;
    const auto limit = [&](const char* key, std::size_t otherwise) {
        const Json* value = member(schema, key);
        return value && value->is_number_unsigned() ? value->get<std::size_t>() : otherwise;
    };
    const std::size_t least = std::min<std::size_t>(limit("minLength", 0), 10'000),
                      most = limit("maxLength", SIZE_MAX);
    while (text.size() < least) text += 'x';
    if (text.size() > most) text.resize(most);
    return text;
}

Json sample_number(const Json& schema, bool integer) {
    const auto limit = [&](const char* key) -> std::optional<double> {
        const Json* value = member(schema, key);
        return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
    };
    double value = 1;
    if (auto most = limit("maximum")) value = std::min(value, *most);
    if (auto below = limit("exclusiveMaximum"); below && value >= *below) value = *below - 1;
    if (auto least = limit("minimum")) value = std::max(value, *least);
    if (auto above = limit("exclusiveMinimum"); above && value <= *above) value = *above + 1;
    if (auto step = limit("multipleOf"); step && *step > 0) value = std::ceil(value / *step) * *step;
    if (integer) value = std::ceil(value);
    if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
    return value;
}

Json sample_array(const Json& schema, const Json& root, const std::string& name, int depth) {
    const Json* least = member(schema, "minItems");
    const Json* most = member(schema, "maxItems");
    std::size_t count = least && least->is_number_unsigned() ? least->get<std::size_t>() : 1;
    if (most && most->is_number_unsigned()) count = std::min(count, most->get<std::size_t>());
    const Json* items = member(schema, "items");
    Json list = Json::array();
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 100); ++i)
        list.push_back(sample(items ? *items : Json::object(), root, name, depth + 1));
    return list;
}

// Returns the required properties, or all properties if the schema requires no
// property.
Json sample_object(const Json& schema, const Json& root, int depth) {
    Json object = Json::object();
    const Json* properties = member(schema, "properties");
    const Json* required = member(schema, "required");
    const bool all = !required || !required->is_array() || required->empty();
    if (!properties || !properties->is_object()) return object;
    for (const auto& [name, inner] : properties->items())
        if (all || std::find(required->begin(), required->end(), Json(name)) != required->end())
            object[name] = sample(inner, root, name, depth + 1);
    return object;
}

// "#/$defs/thing" in the schema that holds it.
const Json* resolve(const Json& root, std::string_view reference) {
    if (!reference.starts_with("#")) return nullptr;
    try {
        return &root.at(Json::json_pointer(std::string(reference.substr(1))));
    } catch (const Json::exception&) {
        return nullptr;
    }
}

Json sample(const Json& schema, const Json& root, const std::string& name, int depth) {
    if (!schema.is_object() || depth > deepest) return nullptr;
    if (schema.contains("const")) return schema.at("const");
    if (const Json* target = resolve(root, string_member(schema, "$ref")))
        return sample(*target, root, name, depth + 1);
    for (const char* key : {"enum", "examples"})
        if (const Json* list = member(schema, key); list && list->is_array() && !list->empty())
            return list->front();
    if (const Json* value = member(schema, "default")) return *value;
    for (const char* key : {"anyOf", "oneOf"})
        if (const Json* list = member(schema, key); list && list->is_array() && !list->empty()) {
            const auto useful = std::find_if(list->begin(), list->end(), [](const Json& one) {
                return string_member(one, "type") != "null";
            });
            return sample(useful == list->end() ? list->front() : *useful, root, name, depth + 1);
        }
    if (const Json* list = member(schema, "allOf"); list && list->is_array() && !schema.contains("type")) {
        Json merged = Json::object();
        for (const Json& one : *list)
            if (Json part = sample(one, root, name, depth + 1); part.is_object()) merged.update(part);
        return merged;
    }
    std::string type(string_member(schema, "type"));
    if (const Json* types = member(schema, "type"); types && types->is_array())
        for (const Json& one : *types)
            if (one.is_string() && one != "null" && type.empty()) type = one.get<std::string>();
    if (type.empty())
        type = schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string";
    if (type == "object") return sample_object(schema, root, depth);
    if (type == "array") return sample_array(schema, root, name, depth);
    if (type == "integer" || type == "number") return sample_number(schema, type == "integer");
    if (type == "boolean") return true;
    return type == "null" ? Json() : sample_string(schema, name);
}

}  // namespace

Json sample_of(const Json& schema, const std::string& name) { return sample(schema, schema, name, 0); }

}  // namespace gatehouse::emulator
