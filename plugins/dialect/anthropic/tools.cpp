// SPDX-License-Identifier: Apache-2.0
// `tools` and `tool_choice`.  A tool of another type is one of Anthropic's own and is kept
// as it is.
#include "plugins/dialect/anthropic/draft.hpp"

#include <algorithm>

namespace gatehouse::anthropic_dialect {

namespace {

/// The type of a tool; empty if it is absent or null.
bool read_tool_type(Reader& reader, json::Object& object, const Where& where, std::string& type) {
    return json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "type" || reader.read(member, Where(where, "type"), type);
    });
}

bool read_custom(Reader& reader, json::Object& object, const Where& where, Tool& tool) {
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "type" && json::is_null(member)) return true;
        if (key == "name") return reader.read(member, Where(where, "name"), tool.name);
        if (key == "description") return reader.read(member, Where(where, "description"), tool.description);
        if (key == "input_schema")
            return reader.read_object(member, Where(where, "input_schema"), tool.parameters);
        if (key == "strict") return reader.read(member, Where(where, "strict"), tool.strict);
        unknown.add(key, json::raw(member));
        return true;
    });
    tool.extra = unknown.take();
    if (!read) return false;
    if (tool.name.empty()) return reader.missing(Where(where, "name"), "the name of the tool");
    return !tool.parameters.empty() || reader.missing(Where(where, "input_schema"), "a JSON schema");
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, Tool& tool) {
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a name", object)) return false;
    if (!read_tool_type(reader, object, where, type)) return false;
    if (type.empty() || type == "custom") return read_custom(reader, object, where, tool);
    tool.type = std::move(type);
    tool.json.text = json::raw(object);
    return json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "name" || reader.read(member, Where(where, "name"), tool.name);
    });
}

bool set_mode(ToolChoice& choice, std::string_view type) {
    using Mode = ToolChoice::Mode;
    if (type == "auto")
        choice.mode = Mode::automatic;
    else if (type == "any")
        choice.mode = Mode::required;
    else if (type == "tool")
        choice.mode = Mode::named;
    else if (type == "none")
        choice.mode = Mode::none;
    else
        choice.mode = Mode::other;
    return choice.mode != Mode::other;
}

}  // namespace

bool read_tools(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::vector<Tool>& tools = draft.request.tools;
    tools.clear();
    if (json::is_null(value)) return true;
    json::Array items;
    if (!reader.open(value, where, "an array of tools", items)) return false;
    tools.reserve(std::min(json::size(items), draft.bounds.tools));
    return json::for_each(items, [&](json::Value& item, std::size_t index) {
        if (index >= draft.bounds.tools)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.tools) + " entries");
        return read_tool(reader, item, Where(where, index), tools.emplace_back());
    });
}

bool read_tool_choice(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    ToolChoice& choice = draft.request.tool_choice;
    choice = {};
    draft.request.parallel_tool_calls.reset();
    if (json::is_null(value)) return true;
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (!set_mode(choice, type)) {
        choice.json.text = json::raw(object);
        return true;
    }
    std::optional<bool> single;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "name") return reader.read(member, Where(where, "name"), choice.name);
        if (key == "disable_parallel_tool_use")
            return reader.read(member, Where(where, "disable_parallel_tool_use"), single);
        unknown.add(key, json::raw(member));
        return true;
    });
    choice.extra = unknown.take();
    if (single) draft.request.parallel_tool_calls = !*single;
    if (!read) return false;
    return choice.mode != ToolChoice::Mode::named || !choice.name.empty() ||
           reader.missing(Where(where, "name"), "the name of one of the tools");
}

bool check_tools(Reader& reader, Draft& draft) {
    const ChatRequest& request = draft.request;
    const ToolChoice& choice = request.tool_choice;
    const bool forces = choice.mode == ToolChoice::Mode::required || choice.mode == ToolChoice::Mode::named;
    if (!forces) return true;
    if (request.tools.empty())
        return reader.refuse(Where("tool_choice"), "requires tools: send at least one in tools");
    if (choice.mode == ToolChoice::Mode::required) return true;
    const bool known = std::any_of(request.tools.begin(), request.tools.end(),
                                   [&](const Tool& tool) { return tool.name == choice.name; });
    return known || reader.refuse(Where("tool_choice"), "names " + client::quoted_for_client(choice.name) +
                                                            ", which is not among the tools");
}

}  // namespace gatehouse::anthropic_dialect
