// SPDX-License-Identifier: Apache-2.0
// `messages`: roles, tool calls and the older function messages.
#include "plugins/common/json/surrogates.hpp"
#include "plugins/dialect/openai/fields.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::openai_dialect {

namespace {

// Function messages have no ids.  A result belongs to the last call with its name.
using CallIds = std::map<std::string, std::string, std::less<>>;

// The role as the client named it; `function` becomes tool.
struct RoleRead {
    bool given = false, function = false;
};

bool read_role(Reader& reader, json::Value& value, const Where& where, Message& message, RoleRead& role) {
    std::string word;
    if (!reader.read(value, where, word)) return false;
    role = {.given = !json::is_null(value), .function = word == "function"};
    if (!role.given) return true;
    if (word == "system")
        message.role = Role::system;
    else if (word == "developer")
        message.role = Role::developer;
    else if (word == "user")
        message.role = Role::user;
    else if (word == "assistant")
        message.role = Role::assistant;
    else if (word == "tool" || word == "function")
        message.role = Role::tool;
    else
        return reader.wrong_word(where, {"system", "developer", "user", "assistant", "tool", "function"},
                                 word);
    return true;
}

// The object {name, arguments} of a call of a function, or {name, input} of a custom tool.
bool read_called(Reader& reader, json::Value& value, const Where& where, ToolCall& call) {
    json::Object object;
    const std::string_view input = call.custom ? "input" : "arguments";
    const char* expected =
        call.custom ? "an object with name and input" : "an object with name and arguments";
    if (!reader.open(value, where, expected, object)) return false;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "name") return reader.read(member, Where(where, "name"), call.name);
        if (key == input)
            return call.custom ? reader.read(member, Where(where, input), call.arguments)
                               : read_arguments(reader, member, Where(where, input), call.arguments);
        unknown.add(key, json::raw(member));
        return true;
    });
    call.inner_extra = unknown.take();
    if (!read) return false;
    return !call.name.empty() ||
           reader.missing(Where(where, "name"), call.custom ? "the name of the tool that was called"
                                                            : "the name of the function that was called");
}

bool read_tool_call(Reader& reader, json::Value& value, const Where& where, ToolCall& call) {
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    std::string type;
    const bool typed = json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "type" || reader.read(member, Where(where, "type"), type);
    });
    if (!typed) return false;
    if (!type.empty() && type != "function" && type != "custom")
        return reader.wrong_word(Where(where, "type"), {"function", "custom"}, type);
    call.custom = type == "custom";
    const std::string_view inner = call.custom ? "custom" : "function";
    bool called = false;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "id") return reader.read(member, Where(where, "id"), call.id);
        if (key == "type") return true;
        if (key != inner) {
            unknown.add(key, json::raw(member));
            return true;
        }
        called = !json::is_null(member);
        return !called || read_called(reader, member, Where(where, inner), call);
    });
    call.extra = unknown.take();
    if (!read) return false;
    if (call.id.empty())
        return reader.missing(Where(where, "id"), "the id of the call, as the model returned it");
    return called || reader.missing(Where(where, inner), call.custom ? "an object with name and input"
                                                                     : "an object with name and arguments");
}

bool read_tool_calls(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message) {
    message.tool_calls.clear();
    if (json::is_null(value)) return true;
    json::Array calls;
    if (!reader.open(value, where, "an array of tool calls", calls)) return false;
    return json::for_each(calls, [&](json::Value& item, std::size_t index) {
        if (++draft.parts > draft.bounds.parts)
            return reader.refuse(where, "is one of too many: all messages together may have " +
                                            std::to_string(draft.bounds.parts) +
                                            " content parts and tool calls");
        return read_tool_call(reader, item, Where(where, index), message.tool_calls.emplace_back());
    });
}

bool read_members(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message,
                  RoleRead& role, std::optional<ToolCall>& function_call) {
    json::Object object;
    if (!reader.open(value, where, "an object with role and content", object)) return false;
    Unknown unknown;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "role") return read_role(reader, member, Where(where, "role"), message, role);
        if (key == "content") return read_content(reader, member, Where(where, "content"), draft, message);
        if (key == "name") return reader.read(member, Where(where, "name"), message.name);
        if (key == "tool_calls")
            return read_tool_calls(reader, member, Where(where, "tool_calls"), draft, message);
        if (key == "tool_call_id")
            return reader.read(member, Where(where, "tool_call_id"), message.tool_call_id);
        if (key == "refusal") return reader.read(member, Where(where, "refusal"), message.refusal);
        if (key == "reasoning_content")
            return reader.read(member, Where(where, "reasoning_content"), message.reasoning);
        if (key == "function_call") {
            function_call.reset();
            return json::is_null(member) ||
                   read_called(reader, member, Where(where, "function_call"), function_call.emplace());
        }
        unknown.add(key, json::raw(member));
        return true;
    });
    message.extra = unknown.take();
    return read;
}

bool check_message(Reader& reader, const Where& where, const Message& message, const RoleRead& role) {
    if (!role.given)
        return reader.missing(Where(where, "role"), "system, developer, user, assistant, tool or function");
    const bool assistant = message.role == Role::assistant;
    if (!assistant && !message.tool_calls.empty())
        return reader.refuse(Where(where, "tool_calls"), "is for messages of role assistant only");
    if (message.role == Role::tool && message.tool_call_id.empty())
        return reader.missing(Where(where, "tool_call_id"),
                              "the id of the tool call that this is the result of");
    // An assistant's message may be a refusal or empty, and a tool may return nothing.
    if (!assistant && message.role != Role::tool && message.parts.empty())
        return reader.missing(Where(where, "content"), "a string or a non-empty array of parts");
    return true;
}

bool read_message(Reader& reader, json::Value& value, const Where& where, std::size_t index, Draft& draft,
                  CallIds& ids) {
    Message message;
    RoleRead role;
    std::optional<ToolCall> function_call;
    if (!read_members(reader, value, where, draft, message, role, function_call)) return false;
    if (function_call) {
        if (message.role != Role::assistant)
            return reader.refuse(Where(where, "function_call"), "is for messages of role assistant only");
        function_call->id = "call_" + std::to_string(index);
        ids[function_call->name] = function_call->id;
        message.tool_calls.push_back(*std::move(function_call));
    }
    if (role.function) {
        if (message.name.empty())
            return reader.missing(Where(where, "name"),
                                  "the name of the function that this is the result of");
        const auto call = ids.find(message.name);
        message.tool_call_id = call != ids.end() ? call->second : "call_" + std::to_string(index);
    }
    if (!check_message(reader, where, message, role)) return false;
    draft.request.messages.push_back(std::move(message));
    return true;
}

}  // namespace

bool read_arguments(Reader& reader, json::Value& value, const Where& where, JsonString& arguments) {
    if (!reader.read(value, where, arguments)) return false;
    const std::string_view spelled = json::raw(value);
    if (spelled.find(R"(\\ud)") == spelled.npos && spelled.find(R"(\\uD)") == spelled.npos) return true;
    std::string mended = arguments.str();
    if (json::mend_surrogates(mended)) arguments = std::move(mended);
    return true;
}

bool read_messages(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.request.messages.clear();
    if (json::is_null(value)) return true;  // missing; reported later
    json::Array messages;
    if (!reader.open(value, where, "a non-empty array of messages", messages)) return false;
    CallIds ids;
    draft.request.messages.reserve(std::min(json::size(messages), draft.bounds.messages));
    return json::for_each(messages, [&](json::Value& item, std::size_t index) {
        if (index >= draft.bounds.messages)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.messages) + " messages");
        return read_message(reader, item, Where(where, index), index, draft, ids);
    });
}

}  // namespace gatehouse::openai_dialect
