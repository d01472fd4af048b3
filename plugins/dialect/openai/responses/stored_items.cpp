// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/stored_items.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/common/upstream/json_check.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/native.hpp"
#include "plugins/dialect/openai/responses/seal.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

namespace {

bool is_json_object(const std::string& text) {
    upstream::JsonCheck check;
    check.feed(text);
    return check.complete() && text.find('{') == text.find_first_not_of(" \t\r\n");
}

class ItemWriter {
public:
    explicit ItemWriter(const ResponseFacts& facts) : facts_(facts), json_(out_) {}

    void write(const Message& message) {
        if (message.role == Role::assistant) return write_assistant(message);
        if (message.role == Role::tool) return write_result(message);
        const auto said = std::ranges::find_if_not(message.parts, is_other);
        for (auto part = message.parts.begin(); part != said; ++part) write_other(std::get<OtherPart>(*part));
        begin("msg_", "message").member("status", "completed").member("role", word_of(message.role));
        json_.key("content");
        write_parts(message.parts, "input_text");
        json_.end_object();
        for (auto part = said; part != message.parts.end(); ++part)
            if (const auto* item = std::get_if<OtherPart>(&*part)) write_other(*item);
    }

    void write_tools() {
        begin("at_", "additional_tools").member("role", "developer").key("tools").begin_array();
        json_.raw(facts_.new_tools).end_array().end_object();
    }

    std::string take() { return std::move(out_); }

private:
    static bool is_other(const Part& part) { return std::holds_alternative<OtherPart>(part); }

    /// An item that only an upstream of this API knows.  Tools are written by write_tools().
    void write_other(const OtherPart& item) {
        if (item.type == "additional_tools") return;
        const std::string id = facts_.input_id(id_prefix_of(word_in(item.json.text, "id")), count_++);
        json_.raw(with_id(item.json.text, id));
    }

    static std::string_view word_of(Role role) {
        if (role == Role::system) return "system";
        return role == Role::developer ? "developer" : "user";
    }

    JsonWriter& begin(std::string_view prefix, std::string_view type) {
        json_.begin_object().member("id", facts_.input_id(prefix, count_++));
        return json_.member("type", type);
    }

    void write_part(const Part& part, std::string_view text_type) {
        if (const auto* text = std::get_if<Text>(&part)) {
            json_.begin_object().member("type", text_type).member("text", text->text).end_object();
        } else if (const auto* refusal = std::get_if<Refusal>(&part)) {
            json_.begin_object().member("type", "refusal").member("refusal", refusal->text).end_object();
        } else if (const auto* image = std::get_if<Image>(&part)) {
            json_.begin_object().member("type", "input_image").member("image_url", image->url);
            json_.member("detail", image->detail.empty() ? "auto" : image->detail).end_object();
        } else if (const auto* file = std::get_if<File>(&part)) {
            json_.begin_object().member("type", "input_file");
            if (!file->data.empty()) json_.member("file_data", file->data);
            if (!file->id.empty()) json_.member("file_id", file->id);
            if (!file->filename.empty()) json_.member("filename", file->filename);
            json_.end_object();
        } else if (const auto* audio = std::get_if<Audio>(&part)) {
            json_.begin_object().member("type", "input_audio").key("input_audio").begin_object();
            json_.member("data", audio->data).member("format", audio->format).end_object().end_object();
        }
    }
    void write_parts(const std::vector<Part>& parts, std::string_view text_type) {
        json_.begin_array();
        for (const Part& part : parts)
            if (!is_other(part)) write_part(part, text_type);
        json_.end_array();
    }

    void write_assistant(const Message& message) {
        std::vector<Part> said;
        std::vector<bool> placed(message.tool_calls.size());
        for (const Part& part : message.parts) {
            const auto* thought = std::get_if<Thought>(&part);
            const auto* call = std::get_if<ToolCallRef>(&part);
            const auto* other = std::get_if<OtherPart>(&part);
            if (!thought && !call && !other) {
                if (begins_message(part)) write_said(said);
                said.push_back(part);
                continue;
            }
            write_said(said);
            if (other) write_other(*other);
            if (thought) write_thought(*thought);
            if (!call || call->index >= placed.size()) continue;
            placed[call->index] = true;
            write_call(message.tool_calls[call->index]);
        }
        write_said(said);
        for (std::size_t i = 0; i < placed.size(); ++i)
            if (!placed[i]) write_call(message.tool_calls[i]);
    }

    /// The members of an assistant's message, which its first part has.
    static std::string message_members(const Part& part) {
        const auto* text = std::get_if<Text>(&part);
        const auto* refusal = std::get_if<Refusal>(&part);
        if (text) return json::member_of(text->extra, "message");
        return refusal ? json::member_of(refusal->extra, "message") : std::string();
    }
    static bool begins_message(const Part& part) { return !message_members(part).empty(); }

    void write_said(std::vector<Part>& parts) {
        if (parts.empty()) return;
        begin("msg_", "message").member("status", "completed").member("role", "assistant").key("content");
        write_parts(parts, "output_text");
        append_extra(out_, {message_members(parts.front())});
        json_.end_object();
        parts.clear();
    }

    void write_thought(const Thought& thought) {
        begin("rs_", "reasoning").key("summary").begin_array();
        if (!thought.text.empty())
            json_.begin_object().member("type", "summary_text").member("text", thought.text).end_object();
        json_.end_array().member("encrypted_content", seal(thought)).end_object();
    }

    void write_call(const ToolCall& call) {
        const NamedTool* tool = facts_.tools.find(call.name);
        const NamedTool named = tool ? *tool : NamedTool{.name = call.name};
        using Kind = NamedTool::Kind;
        if (named.kind == Kind::search) {
            const std::string& arguments = call.arguments;
            begin("tsc_", "tool_search_call").member("status", "completed").member("call_id", call.id);
            json_.member("execution", "client").key("arguments");
            json_.raw(is_json_object(arguments) ? arguments : "{}").end_object();
            return;
        }
        const bool custom = named.kind == Kind::custom;
        begin(custom ? "ctc_" : "fc_", custom ? "custom_tool_call" : "function_call");
        json_.member("status", "completed").member("call_id", call.id).member("name", named.name);
        if (!named.space.empty()) json_.member("namespace", named.space);
        if (custom)
            json_.member("input", upstream::text_of_custom_call(call.arguments.str())).end_object();
        else
            json_.member("arguments", call.arguments).end_object();
    }

    void write_result(const Message& message) {
        if (const std::string tools = json::member_of(message.extra, "tools"); !tools.empty()) {
            begin("tso_", "tool_search_output").member("status", "completed").member("execution", "client");
            json_.member("call_id", message.tool_call_id).key("tools").raw(tools).end_object();
            return;
        }
        begin("fco_", "function_call_output").member("status", "completed");
        json_.member("call_id", message.tool_call_id).key("output");
        const auto* text = message.parts.size() == 1 ? std::get_if<Text>(&message.parts.front()) : nullptr;
        if (text)
            json_.value(text->text);
        else
            write_parts(message.parts, "input_text");
        json_.end_object();
    }

    const ResponseFacts& facts_;
    std::string out_;
    JsonWriter json_;
    std::size_t count_ = 0;
};

}  // namespace

std::string items_of(const std::vector<const Message*>& messages, const ResponseFacts& facts) {
    ItemWriter writer(facts);
    if (!facts.new_tools.empty()) writer.write_tools();
    for (const Message* message : messages) writer.write(*message);
    return writer.take();
}

}  // namespace gatehouse::openai_dialect::responses
