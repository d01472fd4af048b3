// SPDX-License-Identifier: Apache-2.0
// A message of the assistant becomes several items: its texts, thoughts and calls in their order.
#include "plugins/provider/openai/responses/input.hpp"

#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/openai/foreign_chat.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::openai_provider::responses {

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
    void operator()(const OtherPart& part) { out += part.json.text; }
    void operator()(const Thought&) {}
    void operator()(const ToolCallRef&) {}

private:
    static bool is_link(const JsonString& data) {
        const std::string& text = data.str();
        return text.starts_with("http:") || text.starts_with("https:");
    }
    void end(JsonWriter& json, const JsonText& extra) {
        if (native) append_members(out, extra);
        json.end_object();
    }
};

bool is_content(const Part& part, bool native) {
    if (std::holds_alternative<OtherPart>(part)) return native;
    return !std::holds_alternative<Thought>(part) && !std::holds_alternative<ToolCallRef>(part);
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

    void write_message(const Message& message) {
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
            if (is_content(part, native_)) parts.push_back(&part);
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
        begin_item(json,
                   is_custom(message.tool_call_id) ? "custom_tool_call_output" : "function_call_output");
        json.member("call_id", message.tool_call_id).key("output").raw({});
        write_content(message);
        if (native_) append_members(out_, message.extra);
        json.end_object();
    }

    bool is_custom(const std::string& id) const {
        return std::ranges::any_of(request_.messages, [&](const Message& message) {
            return std::ranges::any_of(message.tool_calls,
                                       [&](const ToolCall& call) { return call.custom && call.id == id; });
        });
    }

    void write_assistant(const Message& message) {
        std::vector<bool> written(message.tool_calls.size());
        for (const Part& part : message.parts) {
            if (is_said(part)) {
                said_.push_back(&part);
                continue;
            }
            flush();
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
        json.end_object();
        said_.clear();
    }

    /// Only a thought that this API has encrypted is accepted.
    void write_thought(const Thought& thought) {
        if (!wire_.thoughts || thought.encrypted.empty() ||
            thought.origin != openai_format::responses_protocol)
            return;
        JsonWriter json(out_);
        begin_item(json, "reasoning").key("summary").begin_array();
        if (!thought.text.empty())
            json.begin_object().member("type", "summary_text").member("text", thought.text).end_object();
        json.end_array().member("encrypted_content", thought.encrypted);
        if (native_) append_members(out_, thought.extra);
        json.end_object();
    }

    void write_call(const ToolCall& call) {
        JsonWriter json(out_);
        begin_item(json, call.custom ? "custom_tool_call" : "function_call");
        json.member("call_id", call.id).member("name", call.name);
        openai_format::write_arguments(json, call);
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

}  // namespace gatehouse::openai_provider::responses
