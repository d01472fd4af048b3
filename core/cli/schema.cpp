// SPDX-License-Identifier: Apache-2.0
// `gatehouse schema`: the core's tables and every plugin's keys as a JSON Schema,
// from the same declarations that check the file.
#include "core/cli/schema.hpp"

#include "core/cli/output.hpp"
#include "core/cli/tables.hpp"
#include "core/config/core_tables.hpp"
#include "core/config/instances.hpp"
#include "core/plugin/library.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/plugin.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>

namespace gatehouse::core {

namespace {

using Json = nlohmann::ordered_json;

/// References that any string may be.  An editor does not know their values.
const char* const substitutes = "^(env|file|credential):";

Json words(const std::vector<std::string>& allowed) {
    return {{"type", "string"}, {"anyOf", Json::array({{{"enum", allowed}}, {{"pattern", substitutes}}})}};
}

Json string(const Key& key) { return key.allowed.empty() ? Json{{"type", "string"}} : words(key.allowed); }

Json one_or_list(const Key& key) {
    return {{"anyOf", Json::array({string(key), {{"type", "array"}, {"items", string(key)}}})}};
}

Json property(const Key& key);

Json object(const std::vector<Key>& keys) {
    Json properties = Json::object(), required = Json::array();
    for (const Key& key : keys) {
        properties[key.name] = property(key);
        if (key.required) required.push_back(key.name);
    }
    Json out = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = false;
    return out;
}

Json map_of(Json entry) { return {{"type", "object"}, {"additionalProperties", std::move(entry)}}; }

Json shape(const Key& key) {
    switch (key.type) {
        case ValueType::boolean: return {{"type", "boolean"}};
        case ValueType::integer: {
            Json out = {{"type", "integer"}};
            if (has_minimum(key)) out["minimum"] = key.minimum;
            if (has_maximum(key)) out["maximum"] = key.maximum;
            return out;
        }
        case ValueType::number: return {{"type", "number"}};
        case ValueType::string: return string(key);
        case ValueType::string_list: return one_or_list(key);
        case ValueType::table_list: return {{"type", "array"}, {"items", object(key.keys)}};
        case ValueType::table_map:
            if (key.allowed.empty()) return map_of(object(key.keys));
            return {{"anyOf", Json::array({words(key.allowed), map_of(object(key.keys))})}};
        case ValueType::string_list_map: return map_of(one_or_list(key));
        case ValueType::table: return object(key.keys);
    }
    return Json::object();
}

Json property(const Key& key) {
    Json out = shape(key);
    std::string doc = key.doc;
    if (key.secret) doc += " Secret: keep it out of the file with env:NAME, file:PATH or credential:NAME.";
    if (!doc.empty()) out["description"] = doc;
    // A default is written as TOML, which is also JSON except for inf and nan.
    if (!key.fallback.empty() && Json::accept(key.fallback)) out["default"] = Json::parse(key.fallback);
    return out;
}

/// An instance of one plugin.
Json plugin_object(const std::string& kind, const std::string& name, const std::vector<Key>& own) {
    std::vector<Key> keys = core_keys(kind);
    keys.insert(keys.end(), own.begin(), own.end());
    Json out = object(keys);
    out["properties"]["use"] = {{"const", name}};
    return out;
}

class Schema {
public:
    Schema(const Finder& finder, std::vector<std::string>& complaints)
        : finder_(finder), all_(finder.list()), complaints_(complaints) {}

    Json build() {
        Json properties = Json::object();
        for (const CoreTable& table : core_tables()) {
            // "server.tls" belongs into "server", which precedes it in the list.
            const std::size_t dot = table.name.find('.');
            Json& place =
                dot == std::string::npos
                    ? properties[table.name]
                    : properties[table.name.substr(0, dot)]["properties"][table.name.substr(dot + 1)];
            place = object(table.keys);
            place["description"] = table.doc;
        }
        for (const std::string& kind : instance_kinds()) properties[kind] = instances_of(kind);
        return {{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"$id", "urn:gatehouse:configuration:" GATEHOUSE_VERSION},
                {"title", "Configuration of gatehouse " GATEHOUSE_VERSION},
                {"type", "object"},
                {"properties", std::move(properties)},
                {"required", {"provider", "mapper", "dialect"}},
                {"additionalProperties", false},
                {"definitions", std::move(definitions_)}};
    }

private:
    /// `[kind.NAME]`: `use` decides which keys it may have.
    Json instances_of(const std::string& kind) {
        const std::vector<std::string> names = plugin_names(all_, kind);
        Json use = names.empty() ? Json{{"type", "string"}, {"pattern", substitutes}} : words(names);
        use["description"] = core_keys(kind).front().doc;
        Json instance = {
            {"type", "object"}, {"required", {"use"}}, {"properties", {{"use", std::move(use)}}}};
        Json choices = Json::array();
        for (const std::string& name : names) {
            if (!define(kind, name)) continue;
            Json is_this = {{"required", {"use"}}, {"properties", {{"use", {{"const", name}}}}}};
            choices.push_back(
                {{"if", std::move(is_this)}, {"then", {{"$ref", "#/definitions/" + kind + "." + name}}}});
        }
        if (!choices.empty()) instance["allOf"] = std::move(choices);

        Json out = {{"type", "object"},
                    {"description", doc_of_kind(kind)},
                    {"propertyNames", {{"pattern", "^[A-Za-z0-9_-]{1,64}$"}}},
                    {"additionalProperties", std::move(instance)}};
        if (kind == "mapper") out["maxProperties"] = 1;
        if (kind == "provider" || kind == "mapper" || kind == "dialect") out["minProperties"] = 1;
        return out;
    }

    bool define(const std::string& kind, const std::string& name) {
        auto found = finder_.find(kind, name);
        if (!found) {
            complaints_.push_back(found.error().message);
            return false;
        }
        auto keys = declared_keys(*found->descriptor);
        if (!keys) {
            complaints_.push_back(found->path.string() + ": " + keys.error().message);
            return false;
        }
        definitions_[kind + "." + name] = plugin_object(kind, name, *keys);
        return true;
    }

    const Finder& finder_;
    const std::vector<ListedPlugin> all_;
    std::vector<std::string>& complaints_;
    Json definitions_ = Json::object();
};

}  // namespace

std::string schema_text(const Finder& finder, std::vector<std::string>& complaints) {
    // A plugin's docs may contain any bytes, also invalid UTF-8.
    return Schema(finder, complaints).build().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

int print_schema(const PluginFolders& where) {
    auto finder = make_finder(where);
    if (!finder) return fail(exit_status::usage, finder.error().message);
    std::vector<std::string> complaints;
    std::cout << schema_text(*finder, complaints) << std::flush;
    for (const std::string& complaint : complaints) std::cerr << "left out: " << complaint << '\n';
    return exit_status::ok;
}

}  // namespace gatehouse::core
