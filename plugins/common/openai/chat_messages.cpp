// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/chat_messages.hpp"

namespace gatehouse::openai_format {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view word_of(Role role, bool developer) {
    switch (role) {
        case Role::system: return "system";
        case Role::developer: return developer ? "developer" : "system";
        case Role::user: return "user";
        case Role::assistant: return "assistant";
        case Role::tool: return "tool";
    }
    return "user";
}

struct PartWriter {
    std::string& out;

    void operator()(const Text& part) {
        JsonWriter(out).begin_object().member("type", "text").member("text", part.text);
        append_members(out, part.extra);
        out += '}';
    }
    void operator()(const Image& part) {
        JsonWriter json(out);
        json.begin_object()
            .member("type", "image_url")
            .key("image_url")
            .begin_object()
            .member("url", part.url);
        if (!part.detail.empty()) json.member("detail", part.detail);
        json.end_object().end_object();
    }
    void operator()(const Audio& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "input_audio").key("input_audio").begin_object();
        json.member("data", part.data).member("format", part.format).end_object().end_object();
    }
    void operator()(const File& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "file").key("file").begin_object();
        if (!part.id.empty()) json.member("file_id", part.id);
        if (!part.data.empty()) json.member("file_data", part.data);
        if (!part.filename.empty()) json.member("filename", part.filename);
        json.end_object().end_object();
    }
    void operator()(const Refusal& part) {
        JsonWriter(out).begin_object().member("type", "refusal").member("refusal", part.text).end_object();
    }
    void operator()(const Thought&) {}
    void operator()(const ToolCallRef&) {}
    void operator()(const OtherPart& part) { out += part.json.text; }
};

// A single text is sent as a string, which every server accepts.
void write_content(std::string& out, const Message& message) {
    out += ",\"content\":";
    if (message.parts.empty()) {
        out += message.role == Role::assistant ? "null" : "\"\"";
        return;
    }
    if (auto* text = std::get_if<Text>(&message.parts.front());
        text && message.parts.size() == 1 && text->extra.empty())
        return text->text.append_json_to(out);
    out += '[';
    for (const Part& part : message.parts) {
        if (&part != &message.parts.front()) out += ',';
        std::visit(PartWriter{out}, part);
    }
    out += ']';
}

void write_calls(std::string& out, const std::vector<ToolCall>& calls) {
    if (calls.empty()) return;
    out += ",\"tool_calls\":";
    JsonWriter json(out);
    json.begin_array();
    for (const ToolCall& call : calls) {
        json.begin_object().member("id", call.id).member("type", "function").key("function").begin_object();
        json.member("name", call.name);
        // Some servers parse the arguments, and an empty string is not valid JSON.
        if (call.arguments.blank())
            json.member("arguments", "{}");
        else
            json.member("arguments", call.arguments);
        json.end_object().end_object();
    }
    json.end_array();
}

void write_message(std::string& out, const Message& message, const WireFormat& wire) {
    out += "{\"role\":\"";
    out += word_of(message.role, wire.developer);
    out += '"';
    auto member = [&](std::string_view name, const std::string& text) {
        if (text.empty()) return;
        out.append(",\"").append(name).append("\":");
        append_json_string(out, text);
    };
    write_content(out, message);
    member("name", message.name);
    if (wire.reasoning) member("reasoning_content", message.reasoning);
    member("refusal", message.refusal);
    write_calls(out, message.tool_calls);
    member("tool_call_id", message.tool_call_id);
    append_members(out, message.extra);
    out += '}';
}

}  // namespace

void append_members(std::string& out, const JsonText& object) {
    std::string_view inside = object.text;
    const std::size_t open = inside.find('{'), close = inside.rfind('}');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
    inside = inside.substr(open + 1, close - open - 1);
    if (inside.find_first_not_of(blanks) == std::string_view::npos) return;
    out += ',';
    out += inside;
}

void write_messages(std::string& out, const ChatRequest& request, const WireFormat& wire) {
    out += '[';
    for (const Message& message : request.messages) {
        if (&message != &request.messages.front()) out += ',';
        write_message(out, message, wire);
    }
    out += ']';
}

}  // namespace gatehouse::openai_format
