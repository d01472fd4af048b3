// SPDX-License-Identifier: Apache-2.0
// `tools`.  Functions, tools with free text and the search for tools become functions with flat names,
// which every provider serves.  An upstream of this API gets each tool in its own form: Tool::json has
// that of a tool which is not a function, and Tool::inner_extra has `name` and `namespace` of a tool in a
// namespace and `item` of a tool in an item.  A tool that OpenAI itself runs passes as it is; a provider
// of another API leaves it out or refuses it.
#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/outlet.hpp"

#include <optional>
#include <utility>

namespace gatehouse::openai_dialect::responses {

namespace {

using Kind = NamedTool::Kind;

constexpr std::string_view empty_schema = R"({"type":"object","properties":{}})";

/// A namespace whose tools are being read.
struct Space {
    std::string name = {};
    JsonText members = {};  // without `name` and `tools`

    /// The namespace as JSON.  Its first tool has the other members.
    std::string take() {
        JsonText all = std::exchange(members, {});
        add_member(all, "name", json_of(name));
        return std::move(all.text);
    }
};

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
void add_tool(ResponseDraft& draft, Tool tool, NamedTool named, Space* space) {
    const std::string name = named.name;
    auto [flat, is_new] = draft.tools.add(std::move(named));
    if (!is_new) return;
    if (draft.item_tools) add_member(tool.inner_extra, "item", "true");
    if (space) {
        add_member(tool.inner_extra, "namespace", space->take());
        add_member(tool.inner_extra, "name", json_of(name));
    }
    tool.name = std::move(flat);
    draft.request.tools.push_back(std::move(tool));
}

bool read_named_tool(Reader& reader, json::Object& object, const Where& where, Space* space, Kind kind,
                     ResponseDraft& draft) {
    Tool tool;
    if (!read_members(reader, object, where, tool)) return false;
    if (kind == Kind::search) tool.name = search_name;
    if (tool.name.empty()) return reader.missing(Where(where, "name"), "the name of the tool");
    NamedTool named{.kind = kind, .name = tool.name, .space = space ? space->name : std::string()};
    if (kind != Kind::function) {
        tool.extra = {};
        tool.json.text = json::raw(object);
    }
    if (kind == Kind::custom) upstream::make_function(tool);
    tool.format = {};
    if (tool.parameters.empty()) tool.parameters.text = empty_schema;
    add_tool(draft, std::move(tool), std::move(named), space);
    return true;
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, Space* space, ResponseDraft& draft);

bool read_list(Reader& reader, json::Value& value, const Where& where, Space* space, ResponseDraft& draft) {
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
    Space space;
    Unknown members;
    std::optional<json::Value> tools;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), space.name);
        if (key == "tools")
            tools = member;
        else if (key != "type")
            members.add(key, json::raw(member));
        return true;
    });
    if (!read) return false;
    if (space.name.empty()) return reader.missing(Where(where, "name"), "the name of the namespace");
    space.members = members.take();
    return !tools || read_list(reader, *tools, Where(where, "tools"), &space, draft);
}

bool is_on_server(const json::Object& object) {
    return !json::for_each(object, [](std::string_view key, json::Value& value) {
        return key != "execution" || json::raw(value) != "\"server\"";
    });
}

/// A tool without a place in the vocabulary.
void add_other(std::string type, const json::Value& value, const Space* space, ResponseDraft& draft) {
    Tool tool{.type = std::move(type)};
    tool.json.text = json::raw(value);
    if (draft.item_tools) add_member(tool.inner_extra, "item", "true");
    if (space) add_member(tool.inner_extra, "namespace", "{\"name\":" + json_of(space->name) + "}");
    draft.request.tools.push_back(std::move(tool));
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, Space* space, ResponseDraft& draft) {
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (type == "function") return read_named_tool(reader, object, where, space, Kind::function, draft);
    if (type == "custom") return read_named_tool(reader, object, where, space, Kind::custom, draft);
    if (type == "namespace" && !space) return read_namespace(reader, object, where, draft);
    if (type == "tool_search" && !space && !is_on_server(object))
        return read_named_tool(reader, object, where, nullptr, Kind::search, draft);
    add_other(std::move(type), value, space, draft);
    return true;
}

}  // namespace

bool read_item_tools(Reader& reader, json::Value& value, const Where& where, bool keep,
                     ResponseDraft& draft) {
    draft.item_tools = true;
    const bool read = read_tools(reader, value, where, draft);
    draft.item_tools = false;
    if (!read) return false;
    if (!keep || !draft.turns.is_new() || json::is_null(value)) return true;
    json::for_each(*json::array(value), [&](json::Value& tool, std::size_t) {
        if (!draft.new_tools.empty()) draft.new_tools += ',';
        draft.new_tools += on_one_line(json::raw(tool));
        return true;
    });
    return true;
}

bool read_tools(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    return read_list(reader, value, where, nullptr, draft);
}

}  // namespace gatehouse::openai_dialect::responses
