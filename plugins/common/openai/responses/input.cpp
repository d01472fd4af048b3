// SPDX-License-Identifier: Apache-2.0
// A message of the assistant becomes several items: its texts, thoughts and calls in their order.
#include "plugins/common/openai/responses/input.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/upstream/custom_tool.hpp"

#include <gatehouse/conversation.hpp>

#include <algorithm>
#include <vector>

namespace gatehouse::openai_format::responses {

namespace {

using openai_format::append_members;

/// Writes a part of `content` or of the output of a tool.
struct PartWriter {
    std::string& out;
    bool assistant = false, native = false;

    void operator()(const Text& part) {
        JsonWriter json(out);
        json.begin_object().member("type", assistant ? "output_text" : "input_text");
        json.member("text", part.text);
        end(json, part.extra);
    }
    void operator()(const Image& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "input_image").member("image_url", part.url);
        if (!part.detail.empty()) json.member("detail", part.detail);
        end(json, part.extra);
    }
    void operator()(const Audio& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "input_audio").key("input_audio").begin_object();
        json.member("data", part.data).member("format", part.format).end_object();
        end(json, part.extra);
    }
    void operator()(const File& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "input_file");
        if (!part.id.empty()) json.member("file_id", part.id);
        if (!part.data.empty()) json.member(is_link(part.data) ? "file_url" : "file_data", part.data);
        if (!part.filename.empty()) json.member("filename", part.filename);
        end(json, part.extra);
    }
    void operator()(const Refusal& part) {
        JsonWriter json(out);
        json.begin_object().member("type", "refusal").member("refusal", part.text);
        end(json, part.extra);
    }
    void operator()(const OtherPart&) {}
    void operator()(const Thought&) {}
    void operator()(const ToolCallRef&) {}

private:
    static bool is_link(const JsonString& data) {
        const std::string& text = data.str();
        return text.starts_with("http:") || text.starts_with("https:");
    }
    void end(JsonWriter& json, const JsonText& extra) {
        if (native) append_without_message(extra);
        json.end_object();
    }
    /// The member `message` belongs to the message of the part.
    void append_without_message(const JsonText& extra) {
        if (!assistant || extra.empty()) return append_members(out, extra);
        const json::Extras members(extra);
        for (const json::Extras::Member& member : members.all())
            if (member.name != "message") {
                out += ',';
                JsonWriter(out).key(member.name).raw(member.json);
            }
    }
};

bool is_content(const Part& part) {
    return !std::holds_alternative<OtherPart>(part) && !std::holds_alternative<Thought>(part) &&
           !std::holds_alternative<ToolCallRef>(part);
}

/// Whether the part belongs to a message of the model.
bool is_said(const Part& part) {
    return std::holds_alternative<Text>(part) || std::holds_alternative<Refusal>(part);
}

class InputWriter {
public:
    InputWriter(std::string& out, const ChatRequest& request, const Wire& wire)
        : out_(out), request_(request), wire_(wire), native_(is_native(request)) {}

    void write() {
        const Message* instructions = instructions_of(request_);
        out_ += '[';
        for (const Message& message : request_.messages) {
            if (&message == instructions) continue;
            if (message.role == Role::assistant)
                write_assistant(message);
            else
                message.role == Role::tool ? write_result(message) : write_message(message);
        }
        out_ += ']';
    }

private:
    JsonWriter& begin_item(JsonWriter& json, std::string_view type) {
        if (out_.back() != '[') out_ += ',';
        return json.begin_object().member("type", type);
    }

    /// Items around the content of the message.
    void write_message(const Message& message) {
        const auto said = std::ranges::find_if(message.parts, is_content);
        for (auto part = message.parts.begin(); part != said; ++part) write_other(*part);
        if (said == message.parts.end() && !message.parts.empty()) return;
        write_content_message(message);
        for (auto part = said; part != message.parts.end(); ++part) write_other(*part);
    }

    /// An item that only this API has, as the client has sent it.
    void write_other(const Part& part) {
        const auto* item = std::get_if<OtherPart>(&part);
        if (!item || !native_) return;
        if (out_.back() != '[') out_ += ',';
        out_ += item->json.text;
    }

    void write_content_message(const Message& message) {
        JsonWriter json(out_);
        begin_item(json, "message");
        const bool unknown = message.role == Role::developer && !wire_.developer;
        json.member("role", word_of(unknown ? Role::system : message.role)).key("content").raw({});
        write_content(message);
        if (native_) append_members(out_, message.extra);
        json.end_object();
    }

    /// A single text is a string, unless the client sent a list.
    void write_content(const Message& message) {
        std::vector<const Part*> parts;
        for (const Part& part : message.parts)
            if (is_content(part)) parts.push_back(&part);
        const Text* text = parts.size() == 1 ? std::get_if<Text>(parts[0]) : nullptr;
        if (parts.empty()) {
            out_ += "\"\"";
        } else if (text && !message.listed && (!native_ || text->extra.empty())) {
            text->text.append_json_to(out_);
        } else {
            write_parts(parts, false);
        }
    }

    void write_parts(const std::vector<const Part*>& parts, bool assistant) {
        out_ += '[';
        for (const Part* part : parts) {
            if (part != parts.front()) out_ += ',';
            std::visit(PartWriter{out_, assistant, native_}, *part);
        }
        out_ += ']';
    }

    void write_result(const Message& message) {
        JsonWriter json(out_);
        const std::string type = type_of_call(message.tool_call_id);
        const bool search = type == "tool_search_call";
        begin_item(json, search                       ? "tool_search_output"
                         : type == "custom_tool_call" ? "custom_tool_call_output"
                                                      : "function_call_output");
        json.member("call_id", message.tool_call_id);
        if (!search) {
            json.key("output").raw({});
            write_content(message);
        }
        if (native_) append_members(out_, message.extra);
        json.end_object();
    }

    /// The type of the call's item.
    std::string type_of(const ToolCall& call) const {
        const std::string native = native_ ? json::member_of(call.inner_extra, "type") : std::string();
        if (native.size() > 2) return native.substr(1, native.size() - 2);
        return call.custom ? "custom_tool_call" : "function_call";
    }
    std::string type_of_call(const std::string& id) const {
        for (const Message& message : request_.messages)
            for (const ToolCall& call : message.tool_calls)
                if (call.id == id) return type_of(call);
        return {};
    }

    void write_assistant(const Message& message) {
        std::vector<bool> written(message.tool_calls.size());
        for (const Part& part : message.parts) {
            if (is_said(part)) {
                if (!members_of_message(part).empty()) flush();
                said_.push_back(&part);
                continue;
            }
            flush();
            write_other(part);
            if (const auto* thought = std::get_if<Thought>(&part)) write_thought(*thought);
            const auto* call = std::get_if<ToolCallRef>(&part);
            if (!call || call->index >= written.size() || written[call->index]) continue;
            written[call->index] = true;
            write_call(message.tool_calls[call->index]);
        }
        const Part refusal = Refusal{message.refusal};
        if (!message.refusal.empty()) said_.push_back(&refusal);
        flush();
        for (std::size_t i = 0; i < written.size(); ++i)
            if (!written[i]) write_call(message.tool_calls[i]);
    }

    void flush() {
        if (said_.empty()) return;
        JsonWriter json(out_);
        begin_item(json, "message").member("role", "assistant").key("content").raw({});
        write_parts(said_, true);
        append_members(out_, members_of_message(*said_.front()));
        json.end_object();
        said_.clear();
    }

    /// The members of the message that begins with the part, such as `phase`.
    JsonText members_of_message(const Part& part) const {
        const auto* text = std::get_if<Text>(&part);
        const auto* refusal = std::get_if<Refusal>(&part);
        if (!native_ || (!text && !refusal)) return {};
        return {json::member_of(text ? text->extra : refusal->extra, "message")};
    }

    /// Only a thought that this API has encrypted is accepted.
    void write_thought(const Thought& thought) {
        if (!wire_.thoughts || thought.encrypted.empty() ||
            thought.origin != openai_format::responses_protocol)
            return;
        JsonWriter json(out_);
        begin_item(json, "reasoning");
        if (json::member_of(thought.extra, "summary").empty()) {
            json.key("summary").begin_array();
            if (!thought.text.empty())
                json.begin_object().member("type", "summary_text").member("text", thought.text).end_object();
            json.end_array();
        }
        json.member("encrypted_content", thought.encrypted);
        if (native_) append_members(out_, thought.extra);
        json.end_object();
    }

    void write_call(const ToolCall& call) {
        JsonWriter json(out_);
        const std::string type = type_of(call);
        begin_item(json, type).member("call_id", call.id);
        if (type == "tool_search_call") {
            json.key("arguments").raw(arguments_object(call)).member("execution", "client");
        } else {
            const std::string name = native_ ? json::member_of(call.inner_extra, "name") : std::string();
            json.key("name");
            name.empty() ? json.value(call.name) : json.raw(name);
            const std::string space =
                native_ ? json::member_of(call.inner_extra, "namespace") : std::string();
            if (!space.empty()) json.key("namespace").raw(space);
            if (type == "custom_tool_call" && !call.custom)
                json.member("input", upstream::text_of_custom_call(call.arguments.str()));
            else
                openai_format::write_arguments(json, call);
        }
        if (native_) append_members(out_, call.extra);
        json.end_object();
    }

    std::string& out_;
    const ChatRequest& request_;
    const Wire& wire_;
    const bool native_;
    std::vector<const Part*> said_ = {};  // parts of the assistant's message that are not written yet
};

}  // namespace

const Message* instructions_of(const ChatRequest& request) {
    if (request.messages.empty()) return nullptr;
    const Message& first = request.messages.front();
    const bool text = first.parts.size() == 1 && std::holds_alternative<Text>(first.parts.front());
    return first.role == Role::system && text && !first.listed ? &first : nullptr;
}

void write_input(std::string& out, const ChatRequest& request, const Wire& wire) {
    InputWriter(out, request, wire).write();
}

}  // namespace gatehouse::openai_format::responses
