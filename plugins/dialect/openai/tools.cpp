// SPDX-License-Identifier: Apache-2.0
// `tools` and `tool_choice`, and their older names `functions` and `function_call`.
#include "plugins/dialect/openai/fields.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect {

namespace {

bool read_function(Reader& reader, json::Value& value, const Where& where, Tool& tool) {
    json::Object object;
    if (!reader.open(value, where, "an object with a name", object)) return false;
    tool = {};
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), tool.name);
        if (key == "description") return reader.read(member, Where(where, "description"), tool.description);
        if (key == "parameters")
            return reader.read_object(member, Where(where, "parameters"), tool.parameters);
        if (key == "strict") return reader.read(member, Where(where, "strict"), tool.strict);
        unknown.add(key, json::raw(member));
        return true;
    });
    tool.inner_extra = unknown.take();
    return read && (!tool.name.empty() || reader.missing(Where(where, "name"), "the name of the function"));
}

/// A tool with free text instead of JSON.
bool read_custom(Reader& reader, json::Value& value, const Where& where, Tool& tool) {
    json::Object object;
    if (!reader.open(value, where, "an object with a name", object)) return false;
    tool = {.type = "custom"};
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), tool.name);
        if (key == "description") return reader.read(member, Where(where, "description"), tool.description);
        if (key == "format") return reader.read_object(member, Where(where, "format"), tool.format);
        unknown.add(key, json::raw(member));
        return true;
    });
    tool.inner_extra = unknown.take();
    return read && (!tool.name.empty() || reader.missing(Where(where, "name"), "the name of the tool"));
}

bool read_tool(Reader& reader, json::Value& value, const Where& where, Tool& tool) {
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with type and function", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (type.empty()) return reader.refuse(Where(where, "type"), "must not be empty");
    const bool custom = type == "custom";
    if (type != "function" && !custom) {
        // Not validated, because clients send tools that a server may ignore.
        tool.type = std::move(type);
        tool.json.text = json::raw(object);
        return true;
    }
    bool given = false;
    Unknown unknown;
    const Where inner(where, custom ? "custom" : "function");
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key != type) {
            if (key != "type") unknown.add(key, json::raw(member));
            return true;
        }
        if (json::is_null(member)) return true;
        given = true;
        return custom ? read_custom(reader, member, inner, tool) : read_function(reader, member, inner, tool);
    });
    tool.extra = unknown.take();
    return read && (given || reader.missing(inner, "an object with a name"));
}

// The name in {"type":"function","function":{"name":"x"}}; also with `name` next to the type.
bool read_named(Reader& reader, json::Object& object, const Where& where, ToolChoice& choice) {
    const std::string_view kind = choice.custom ? "custom" : "function";
    const Where inner_at(where, kind);
    Unknown beside, inside;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& value) {
        if (key == "name") return reader.read(value, Where(where, "name"), choice.name);
        if (key != kind) {
            if (key != "type") beside.add(key, json::raw(value));
            return true;
        }
        if (json::is_null(value)) return true;
        json::Object inner;
        return reader.open(value, inner_at, "an object with a name", inner) &&
               json::for_each(inner, [&](std::string_view member, json::Value& item) {
                   if (member == "name") return reader.read(item, Where(inner_at, "name"), choice.name);
                   inside.add(member, json::raw(item));
                   return true;
               });
    });
    choice.extra = beside.take();
    choice.inner_extra = inside.take();
    return read &&
           (!choice.name.empty() || reader.missing(Where(inner_at, "name"), "the name of one of the tools"));
}

bool read_list(Reader& reader, json::Value& value, const Where& where, const Draft& draft,
               const char* expected, std::vector<Tool>& out,
               bool (*read)(Reader&, json::Value&, const Where&, Tool&)) {
    out.clear();
    if (json::is_null(value)) return true;
    json::Array items;
    if (!reader.open(value, where, expected, items)) return false;
    out.reserve(std::min(json::size(items), draft.bounds.tools));
    return json::for_each(items, [&](json::Value& item, std::size_t index) {
        if (index >= draft.bounds.tools)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.tools) + " entries");
        return read(reader, item, Where(where, index), out.emplace_back());
    });
}

}  // namespace

bool read_tools(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_list(reader, value, where, draft, "an array of tools", draft.request.tools, read_tool);
}

bool read_functions(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_list(reader, value, where, draft, "an array of functions", draft.functions, read_function);
}

bool read_tool_choice(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    using Mode = ToolChoice::Mode;
    ToolChoice& choice = draft.request.tool_choice;
    choice = {};
    if (json::is_null(value)) return true;
    std::string word;
    if (json::take_string(value, word)) {
        if (word == "auto")
            choice.mode = Mode::automatic;
        else if (word == "none")
            choice.mode = Mode::none;
        else if (word == "required" || word == "any")
            choice.mode = Mode::required;
        else
            return reader.wrong_word(where, {"none", "auto", "required"}, word);
        return true;
    }
    json::Object object;
    if (!reader.open(value, where, "none, auto, required or an object that names a function", object))
        return false;
    if (!reader.read_type(object, where, word)) return false;
    if (word == "function" || word == "custom") {
        choice.mode = Mode::named;
        choice.custom = word == "custom";
        return read_named(reader, object, where, choice);
    }
    if (word != "allowed_tools")
        return reader.wrong_word(Where(where, "type"), {"function", "custom", "allowed_tools"}, word);
    choice.mode = Mode::other;
    choice.json.text = json::raw(object);
    return true;
}

bool read_function_call(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    using Mode = ToolChoice::Mode;
    ToolChoice& choice = draft.function_call;
    choice = {};
    if (json::is_null(value)) return true;
    std::string word;
    if (json::take_string(value, word)) {
        if (word != "auto" && word != "none") return reader.wrong_word(where, {"none", "auto"}, word);
        choice.mode = word == "auto" ? Mode::automatic : Mode::none;
        return true;
    }
    json::Object object;
    if (!reader.open(value, where, "none, auto or an object with a name", object)) return false;
    choice.mode = Mode::named;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "name" || reader.read(member, Where(where, "name"), choice.name);
    });
    return read && (!choice.name.empty() || reader.missing(Where(where, "name"), "the name of a function"));
}

bool check_tools(Reader& reader, Draft& draft) {
    ChatRequest& request = draft.request;
    const char* choice_field = "tool_choice";
    const char* list_field = "tools";
    if (!draft.functions.empty()) {
        if (!request.tools.empty())
            return reader.refuse(Where("functions"), "cannot be given together with tools");
        request.tools = draft.functions;
        request.parallel_tool_calls = false;  // the older response has only one call
        list_field = "functions";
    }
    if (request.tool_choice.mode == ToolChoice::Mode::unset) {
        request.tool_choice = draft.function_call;
        if (draft.function_call.mode != ToolChoice::Mode::unset) choice_field = "function_call";
    }
    const ToolChoice& choice = request.tool_choice;
    if (choice.mode == ToolChoice::Mode::required && request.tools.empty())
        return reader.refuse(Where(choice_field), "is required, but there are no tools");
    if (choice.mode != ToolChoice::Mode::named) return true;
    const bool known = std::any_of(request.tools.begin(), request.tools.end(),
                                   [&](const Tool& tool) { return tool.name == choice.name; });
    return known || reader.refuse(Where(choice_field), "names " + quoted_for_client(choice.name) +
                                                           ", which is not among the " + list_field);
}

}  // namespace gatehouse::openai_dialect
