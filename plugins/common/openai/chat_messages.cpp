// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/chat_messages.hpp"

#include <algorithm>

namespace gatehouse::openai_format {

namespace {

constexpr std::string_view blanks = " \t\r\n";

/// Writes a part of a message.  Its payload is an object within it.
struct PartWriter {
    std::string& out;

    void operator()(const Text& part) {
        JsonWriter(out).begin_object().member("type", "text").member("text", part.text);
        append_members(out, part.extra);
        out += '}';
    }
    void operator()(const Image& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "image_url").key("image_url").begin_object();
        json.member("url", part.url);
        if (!part.detail.empty()) json.member("detail", part.detail);
        end(part, json);
    }
    void operator()(const Audio& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "input_audio").key("input_audio").begin_object();
        json.member("data", part.data).member("format", part.format);
        end(part, json);
    }
    void operator()(const File& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "file").key("file").begin_object();
        if (!part.id.empty()) json.member("file_id", part.id);
        if (!part.data.empty()) json.member("file_data", part.data);
        if (!part.filename.empty()) json.member("filename", part.filename);
        end(part, json);
    }
    void operator()(const Refusal& part) {
        JsonWriter(out).begin_object().member("type", "refusal").member("refusal", part.text);
        append_members(out, part.extra);
        out += '}';
    }
    void operator()(const OtherPart& part) { out += part.json.text; }
    // Skipped by is_content().
    void operator()(const Thought&) {}
    void operator()(const ToolCallRef&) {}

private:
    template <typename Kind>
    void end(const Kind& part, JsonWriter& json) {
        append_members(out, part.inner_extra);
        json.end_object();
        append_members(out, part.extra);
        json.end_object();
    }
};

/// Whether the part belongs to `content`.
bool is_content(const Part& part, std::string_view protocol) {
    if (std::holds_alternative<Thought>(part) || std::holds_alternative<ToolCallRef>(part)) return false;
    return protocol == own_protocol || !std::holds_alternative<OtherPart>(part);
}

// A single text is sent as a string, which every server accepts, unless the client sent a list.
void write_content(std::string& out, const Message& message, std::string_view protocol) {
    out += ",\"content\":";
    const auto is_part = [&](const Part& part) { return is_content(part, protocol); };
    const auto first = std::ranges::find_if(message.parts, is_part);
    if (first == message.parts.end()) {
        out += message.role == Role::assistant ? "null" : "\"\"";
        return;
    }
    const auto* text = std::get_if<Text>(&*first);
    const bool alone = std::none_of(first + 1, message.parts.end(), is_part);
    if (text && alone && !message.listed && text->extra.empty()) return text->text.append_json_to(out);
    out += '[';
    for (auto part = first; part != message.parts.end(); ++part) {
        if (!is_part(*part)) continue;
        if (part != first) out += ',';
        std::visit(PartWriter{out}, *part);
    }
    out += ']';
}

void write_call(std::string& out, const ToolCall& call) {
    JsonWriter json(out);
    json.begin_object().member("id", call.id).member("type", call.custom ? "custom" : "function");
    json.key(call.custom ? "custom" : "function").begin_object().member("name", call.name);
    write_arguments(json, call);
    append_members(out, call.inner_extra);
    json.end_object();
    append_members(out, call.extra);
    json.end_object();
}

void write_calls(std::string& out, const std::vector<ToolCall>& calls) {
    if (calls.empty()) return;
    out += ",\"tool_calls\":[";
    for (const ToolCall& call : calls) {
        if (&call != &calls.front()) out += ',';
        write_call(out, call);
    }
    out += ']';
}

void write_message(std::string& out, const Message& message, std::string_view protocol,
                   const WireFormat& wire) {
    out += "{\"role\":\"";
    const bool unknown = message.role == Role::developer && !wire.developer;
    out += word_of(unknown ? Role::system : message.role);
    out += '"';
    auto member = [&](std::string_view name, const std::string& text) {
        if (text.empty()) return;
        out.append(",\"").append(name).append("\":");
        append_json_string(out, text);
    };
    write_content(out, message, protocol);
    member("name", message.name);
    if (wire.reasoning) member("reasoning_content", reasoning_of(message));
    member("refusal", message.refusal);
    write_calls(out, message.tool_calls);
    member("tool_call_id", message.tool_call_id);
    if (protocol == own_protocol) append_members(out, message.extra);
    out += '}';
}

}  // namespace

void write_arguments(JsonWriter& json, const ToolCall& call) {
    // Some servers parse the arguments, and an empty string is not valid JSON.
    if (call.custom)
        json.member("input", call.arguments);
    else if (call.arguments.blank())
        json.member("arguments", "{}");
    else
        json.member("arguments", call.arguments);
}

std::string reasoning_of(const Message& message) {
    std::string text = message.reasoning;
    for (const Part& part : message.parts)
        if (const auto* thought = std::get_if<Thought>(&part)) text += thought->text.str();
    return text;
}

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
        write_message(out, message, request.protocol, wire);
    }
    out += ']';
}

}  // namespace gatehouse::openai_format
