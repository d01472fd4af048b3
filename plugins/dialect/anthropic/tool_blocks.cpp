// SPDX-License-Identifier: Apache-2.0
// `tool_use` and `tool_result`.
#include "plugins/dialect/anthropic/draft.hpp"

namespace gatehouse::anthropic_dialect {

bool read_tool_use(Reader& reader, json::Object& block, const Where& where, Message& message) {
    ToolCall call;
    Unknown unknown;
    bool has_input = false;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "id") return reader.read(member, Where(where, "id"), call.id);
        if (key == "name") return reader.read(member, Where(where, "name"), call.name);
        if (key != "input") {
            unknown.add(key, json::raw(member));
            return true;
        }
        json::Object input;
        has_input = !json::is_null(member);
        if (has_input && !reader.open(member, Where(where, "input"), "an object", input)) return false;
        call.arguments = has_input ? std::string(json::raw(member)) : std::string();
        return true;
    });
    if (!read) return false;
    if (call.id.empty()) return reader.missing(Where(where, "id"), "the id of the call");
    if (call.name.empty()) return reader.missing(Where(where, "name"), "the name of the tool");
    if (!has_input) return reader.missing(Where(where, "input"), "an object");
    call.extra = unknown.take();
    message.parts.push_back(ToolCallRef{message.tool_calls.size()});
    message.tool_calls.push_back(std::move(call));
    return true;
}

bool read_tool_result(Reader& reader, json::Object& block, const Where& where, Draft& draft,
                      Message& message) {
    message.role = Role::tool;
    Unknown unknown;
    std::optional<bool> failed;
    const bool read = json::for_each(block, [&](std::string_view key, json::Value& member) {
        if (key == "type") return true;
        if (key == "tool_use_id")
            return reader.read(member, Where(where, "tool_use_id"), message.tool_call_id);
        if (key == "content") return read_content(reader, member, Where(where, "content"), draft, message);
        if (key == "is_error") return reader.read(member, Where(where, "is_error"), failed);
        unknown.add(key, json::raw(member));
        return true;
    });
    message.failed = failed.value_or(false);
    message.extra = unknown.take();
    return read && (!message.tool_call_id.empty() ||
                    reader.missing(Where(where, "tool_use_id"), "the id of the call of this result"));
}

}  // namespace gatehouse::anthropic_dialect
