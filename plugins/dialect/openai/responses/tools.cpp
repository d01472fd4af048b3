// SPDX-License-Identifier: Apache-2.0
// `tools`.  All become functions with flat names, which every provider serves.  A tool that
// OpenAI itself runs is dropped, or refused if the answer would be wrong without it.
#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::openai_dialect::responses {

namespace {

using Kind = NamedTool::Kind;

constexpr std::string_view empty_schema = R"({"type":"object","properties":{}})";

bool read_members(Reader& reader, json::Object& object, const Where& where, Tool& tool) {
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), tool.name);
        if (key == "description") return reader.read(member, Where(where, "description"), tool.description);
        if (key == "parameters")
            return reader.read_object(member, Where(where, "parameters"), tool.parameters);
        if (key == "strict") return reader.read(member, Where(where, "strict"), tool.strict);
        if (key == "format") return reader.read_object(member, Where(where, "format"), tool.format);
        return keep_unknown(unknown, key, member);
    });
    tool.extra = unknown.take();
    return read;
}

/// Adds the tool, unless the request has it already.
void add_tool(ResponseDraft& draft, Tool tool, NamedTool named) {
    auto [flat, is_new] = draft.tools.add(std::move(named));
    if (!is_new) return;
    tool.name = std::move(flat);
    draft.request.tools.push_back(std::move(tool));
}

bool read_named_tool(Reader& reader, json::Object& object, const Where& where, std::string_view space,
                     Kind kind, ResponseDraft& draft) {
    Tool tool;
    if (!read_members(reader, object, where, tool)) return false;
    if (kind == Kind::search) tool.name = search_name;
    if (tool.name.empty()) return reader.missing(Where(where, "name"), "the name of the tool");
    NamedTool named{.kind = kind, .name = tool.name, .space = std::string(space)};
    if (kind != Kind::function) tool.extra = {};
    if (kind == Kind::custom) upstream::make_function(tool);
    tool.format = {};
    if (tool.parameters.empty()) tool.parameters.text = empty_schema;
    add_tool(draft, std::move(tool), std::move(named));
    return true;
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, std::string_view space,
               ResponseDraft& draft);

bool read_list(Reader& reader, json::Value& value, const Where& where, std::string_view space,
               ResponseDraft& draft) {
    if (json::is_null(value)) return true;
    json::Array items;
    if (!reader.open(value, where, "an array of tools", items)) return false;
    return json::for_each(items, [&](json::Value& item, std::size_t index) {
        if (++draft.tool_count > draft.bounds.tools)
            return reader.refuse(where, "is too long: all lists together may have " +
                                            std::to_string(draft.bounds.tools) + " tools");
        return read_tool(reader, item, Where(where, index), space, draft);
    });
}

bool read_namespace(Reader& reader, json::Object& object, const Where& where, ResponseDraft& draft) {
    std::string name;
    json::Value tools;
    bool given = false;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), name);
        if (key == "tools") {
            tools = member;
            given = true;
        }
        return true;
    });
    if (!read) return false;
    if (name.empty()) return reader.missing(Where(where, "name"), "the name of the namespace");
    return !given || read_list(reader, tools, Where(where, "tools"), name, draft);
}

bool is_on_server(const json::Object& object) {
    return !json::for_each(object, [](std::string_view key, json::Value& value) {
        return key != "execution" || json::raw(value) != "\"server\"";
    });
}

/// Tools of OpenAI whose results the answer needs.
bool is_needed(std::string_view type) {
    constexpr std::array<std::string_view, 5> types = {"file_search", "code_interpreter", "mcp", "computer",
                                                       "computer_use_preview"};
    return std::ranges::find(types, type) != types.end();
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, std::string_view space,
               ResponseDraft& draft) {
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    draft.had_tools = true;
    if (type == "function") return read_named_tool(reader, object, where, space, Kind::function, draft);
    if (type == "custom") return read_named_tool(reader, object, where, space, Kind::custom, draft);
    if (type == "namespace" && space.empty()) return read_namespace(reader, object, where, draft);
    if (type == "tool_search" && space.empty() && !is_on_server(object))
        return read_named_tool(reader, object, where, {}, Kind::search, draft);
    if (is_needed(type))
        return refuse_unsupported(reader, Where(where, "type"),
                                  "is a tool that OpenAI runs itself: remove it, or use a function");
    drop(draft, type);
    return true;
}

}  // namespace

bool read_item_tools(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    if (!read_tools(reader, value, where, draft)) return false;
    if (!draft.turns.is_new() || json::is_null(value)) return true;
    json::for_each(*json::array(value), [&](json::Value& tool, std::size_t) {
        if (!draft.new_tools.empty()) draft.new_tools += ',';
        draft.new_tools += on_one_line(json::raw(tool));
        return true;
    });
    return true;
}

bool read_tools(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    return read_list(reader, value, where, {}, draft);
}

}  // namespace gatehouse::openai_dialect::responses
