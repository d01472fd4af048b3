// SPDX-License-Identifier: Apache-2.0
// Calls of tools, and their results.  A provider gets calls of functions.
#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/dialect/openai/fields.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr const char* id_of_call = "the id of the call";

struct Called {
    std::string id = {}, name = {}, space = {};
    JsonString content = {};
    Unknown unknown = {};
};

/// `content_name`: the member with the arguments, which are read as a string.
bool read_called(Reader& reader, json::Object& item, const Where& where, std::string_view content_name,
                 Called& out) {
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "call_id") return reader.read(value, Where(where, "call_id"), out.id);
        if (key == "name") return reader.read(value, Where(where, "name"), out.name);
        if (key == "namespace") return reader.read(value, Where(where, "namespace"), out.space);
        if (key != content_name) return keep_unknown(out.unknown, key, value);
        return read_arguments(reader, value, Where(where, key), out.content);
    });
    if (!read) return false;
    if (out.id.empty()) return reader.missing(Where(where, "call_id"), id_of_call);
    return !out.name.empty() || reader.missing(Where(where, "name"), "the name of the tool that was called");
}

/// The item in the words of this API.  The vocabulary has functions with flat names.
JsonText native_call(std::string_view type, const Called& called) {
    if (type == "function_call" && called.space.empty()) return {};
    JsonText native;
    JsonWriter json(native.text);
    json.begin_object().member("type", type).member("name", called.name);
    if (!called.space.empty()) json.member("namespace", called.space);
    json.end_object();
    return native;
}

bool add_call(Reader& reader, const Where& where, ResponseDraft& draft, ToolCall call) {
    if (++draft.parts > draft.bounds.parts) return reader.refuse(where, "is one of too many calls");
    call.id = short_id(std::move(call.id));
    draft.turns.add_call(std::move(call));
    return true;
}

bool read_function_call(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    Called called;
    if (!read_called(reader, item, where, "arguments", called)) return false;
    ToolCall call{.id = called.id, .name = draft.tools.flat(called.space, called.name)};
    call.extra = called.unknown.take();
    call.inner_extra = native_call("function_call", called);
    call.arguments = called.content.empty() ? JsonString("{}") : std::move(called.content);
    return add_call(reader, where, draft, std::move(call));
}

bool read_custom_call(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    Called called;
    if (!read_called(reader, item, where, "input", called)) return false;
    ToolCall call{.id = called.id, .name = draft.tools.flat(called.space, called.name)};
    call.arguments = std::move(called.content);
    upstream::make_function(call);
    call.extra = called.unknown.take();
    call.inner_extra = native_call("custom_tool_call", called);
    return add_call(reader, where, draft, std::move(call));
}

/// `arguments` is an object here.
bool read_search_call(Reader& reader, json::Object& item, const json::Value& whole, const Where& where,
                      ResponseDraft& draft) {
    ToolCall call{.name = draft.tools.flat({}, search_name)};
    JsonText arguments;
    Unknown unknown;
    bool server = false;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "call_id") return reader.read(value, Where(where, "call_id"), call.id);
        if (key == "execution") {
            std::string word;
            if (!reader.read(value, Where(where, "execution"), word)) return false;
            server = word == "server";
        }
        if (key != "arguments") return keep_unknown(unknown, key, value);
        return reader.read_object(value, Where(where, "arguments"), arguments);
    });
    if (!read) return false;
    if (server) {
        pass(draft, "tool_search_call", whole);
        return true;
    }
    call.extra = unknown.take();
    call.inner_extra.text = R"({"type":"tool_search_call"})";
    if (call.id.empty()) return reader.missing(Where(where, "call_id"), id_of_call);
    call.arguments = arguments.empty() ? std::string("{}") : std::move(arguments.text);
    return add_call(reader, where, draft, std::move(call));
}

bool add_result(Reader& reader, const Where& where, ResponseDraft& draft, Message message) {
    if (message.tool_call_id.empty()) return reader.missing(Where(where, "call_id"), id_of_call);
    message.tool_call_id = short_id(std::move(message.tool_call_id));
    const std::string id = message.tool_call_id;
    if (draft.turns.add_result(std::move(message))) return true;
    return reader.fail(
        {.kind = ErrorKind::bad_request,
         .message = "no tool call found for the call output with call_id " + quoted_for_client(id),
         .param = "input"});
}

bool read_result(Reader& reader, json::Object& item, const Where& where, ResponseDraft& draft) {
    Message message{.role = Role::tool};
    Unknown unknown;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "call_id") return reader.read(value, Where(where, "call_id"), message.tool_call_id);
        if (key != "output") return keep_unknown(unknown, key, value);
        return read_content(reader, value, Where(where, "output"), draft, message.parts, message.listed);
    });
    if (!read) return false;
    message.extra = unknown.take();
    return add_result(reader, where, draft, std::move(message));
}

/// The tools that were found join the tools of the request.  The model reads their names.
bool read_search_result(Reader& reader, json::Object& item, const json::Value& whole, const Where& where,
                        ResponseDraft& draft) {
    Message message{.role = Role::tool};
    Unknown unknown;
    const std::size_t before = draft.request.tools.size();
    bool server = false;
    const bool read = json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "call_id") return reader.read(value, Where(where, "call_id"), message.tool_call_id);
        if (key == "execution") server = json::raw(value) == "\"server\"";
        keep_unknown(unknown, key, value);
        return key != "tools" || read_item_tools(reader, value, Where(where, "tools"), false, draft);
    });
    if (!read) return false;
    if (server) {
        pass(draft, "tool_search_output", whole);
        return true;
    }
    message.extra = unknown.take();
    std::string names;
    for (std::size_t i = before; i < draft.request.tools.size(); ++i)
        names.append(names.empty() ? "" : ", ").append(draft.request.tools[i].name);
    message.parts.emplace_back(Text{names.empty() ? "No new tools." : "Found tools: " + names});
    return add_result(reader, where, draft, std::move(message));
}

}  // namespace

std::optional<bool> read_call_item(Reader& reader, json::Object& item, const json::Value& whole,
                                   const Where& where, std::string_view type, ResponseDraft& draft) {
    if (type == "function_call") return read_function_call(reader, item, where, draft);
    if (type == "custom_tool_call") return read_custom_call(reader, item, where, draft);
    if (type == "tool_search_call") return read_search_call(reader, item, whole, where, draft);
    if (type == "function_call_output" || type == "custom_tool_call_output")
        return read_result(reader, item, where, draft);
    if (type == "tool_search_output") return read_search_result(reader, item, whole, where, draft);
    return std::nullopt;
}

}  // namespace gatehouse::openai_dialect::responses
