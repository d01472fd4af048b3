// SPDX-License-Identifier: Apache-2.0
// `tool_choice`, which is read after all tools.
#include "plugins/dialect/openai/responses/draft.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::openai_dialect::responses {

namespace {

using Mode = ToolChoice::Mode;

struct Named {
    std::string type = {}, name = {}, space = {};
};

bool read_named(Reader& reader, json::Object& object, const Where& where, Named& out) {
    return json::for_each(object, [&](std::string_view key, json::Value& value) {
        if (key == "type") return reader.read(value, Where(where, "type"), out.type);
        if (key == "name") return reader.read(value, Where(where, "name"), out.name);
        return key != "namespace" || reader.read(value, Where(where, "namespace"), out.space);
    });
}

bool has_name(std::string_view type) { return type == "function" || type == "custom"; }

/// The flat name of the tool that `named` is, or empty.
std::string flat_name(const Named& named, const ToolTable& tools) {
    const std::string& name = named.type == "tool_search" ? std::string(search_name) : named.name;
    return tools.has(named.space, name) ? tools.flat(named.space, name) : std::string();
}

bool no_such_tool(Reader& reader, const Where& where, const Named& named) {
    return reader.refuse(where, "names " + quoted_for_client(named.name) + ", which is not among the tools");
}

bool dropped_tool(Reader& reader, const Where& where) {
    return refuse_unsupported(reader, where, "names or requires a tool that the gateway does not have");
}

/// Whether only this API has `tool`, and `type` is its type.  The search in the web has several types.
bool is_other(const Tool& tool, std::string_view type) {
    if (tool.type == "function") return false;
    const bool both_search = tool.type.starts_with("web_search") && type.starts_with("web_search");
    return tool.type == type || both_search;
}

bool choose(Reader& reader, const Named& named, const json::Object& object, const Where& where,
            ResponseDraft& draft) {
    std::string flat = flat_name(named, draft.tools);
    if (flat.empty()) {
        if (has_name(named.type)) return no_such_tool(reader, where, named);
        const bool known = std::ranges::any_of(draft.request.tools,
                                               [&](const Tool& tool) { return is_other(tool, named.type); });
        if (!known) return dropped_tool(reader, where);
        draft.request.tool_choice = {.mode = Mode::other, .json = {std::string(json::raw(object))}};
        return true;
    }
    draft.request.tool_choice = {.mode = Mode::named, .name = std::move(flat)};
    return true;
}

/// {type: allowed_tools, mode, tools}.  The other tools are not offered.
bool choose_allowed(Reader& reader, json::Object& object, const Where& where, ResponseDraft& draft) {
    std::string mode = "auto";
    std::set<std::string, std::less<>> allowed, types;
    const Where list_at(where, "tools");
    auto add = [&](json::Value& item, std::size_t index) {
        const Where at(list_at, index);
        json::Object tool;
        Named named;
        if (!reader.open(item, at, "an object with a type", tool) || !read_named(reader, tool, at, named))
            return false;
        std::string flat = flat_name(named, draft.tools);
        if (flat.empty() && has_name(named.type)) return no_such_tool(reader, where, named);
        flat.empty() ? types.insert(named.type) : allowed.insert(std::move(flat));
        return true;
    };
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& value) {
        json::Array tools;
        if (key == "mode") return reader.read(value, Where(where, "mode"), mode);
        return key != "tools" ||
               (reader.open(value, list_at, "an array of tools", tools) && json::for_each(tools, add));
    });
    if (!read) return false;
    if (mode != "auto" && mode != "required")
        return reader.wrong_word(Where(where, "mode"), {"auto", "required"}, mode);
    std::erase_if(draft.request.tools, [&](const Tool& tool) {
        if (tool.type == "function") return !allowed.contains(tool.name);
        return std::ranges::none_of(types, [&](const std::string& type) { return is_other(tool, type); });
    });
    draft.request.tool_choice.mode = mode == "auto" ? Mode::automatic : Mode::required;
    return true;
}

bool read_word(Reader& reader, const Where& where, const std::string& word, ToolChoice& choice) {
    if (word == "auto")
        choice.mode = Mode::automatic;
    else if (word == "none")
        choice.mode = Mode::none;
    else if (word == "required")
        choice.mode = Mode::required;
    else
        return reader.wrong_word(where, {"none", "auto", "required"}, word);
    return true;
}

bool read_choice(Reader& reader, json::Value& value, const Where& where, ResponseDraft& draft) {
    std::string word;
    if (json::take_string(value, word)) return read_word(reader, where, word, draft.request.tool_choice);
    json::Object object;
    Named named;
    if (!reader.open(value, where, "none, auto, required or an object with a type", object)) return false;
    if (!read_named(reader, object, where, named)) return false;
    if (named.type.empty()) return reader.missing(Where(where, "type"), "such as function");
    if (named.type == "allowed_tools") return choose_allowed(reader, object, where, draft);
    if (has_name(named.type) && named.name.empty())
        return reader.missing(Where(where, "name"), "the name of one of the tools");
    return choose(reader, named, object, where, draft);
}

}  // namespace

bool read_tool_choice(Reader& reader, ResponseDraft& draft) {
    ChatRequest& request = draft.request;
    const Where where("tool_choice");
    if (draft.choice && !read_choice(reader, *draft.choice, where, draft)) return false;
    if (!request.tools.empty()) return true;
    if (request.tool_choice.mode == Mode::required)
        return reader.refuse(where, "is required, but there are no tools");
    // Upstreams refuse these without tools.
    request.tool_choice = {};
    request.parallel_tool_calls.reset();
    return true;
}

}  // namespace gatehouse::openai_dialect::responses
