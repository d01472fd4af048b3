// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere/v2_messages.hpp"

#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/oci/chat/request.hpp"
#include "plugins/provider/oci/text.hpp"

namespace gatehouse::oci {

namespace {

// OCI refuses empty content and empty texts.
constexpr std::string_view blank_text = " ";

template <typename Words>
void write_v2_text(JsonWriter& json, const Words& text) {
    json.begin_object().member("type", "TEXT").member("text", text).end_object();
}

void write_image(JsonWriter& json, const Image& image) {
    json.begin_object().member("type", "IMAGE_URL").key("imageUrl").begin_object().member("url", image.url);
    if (const auto detail = one_of(image.detail, {"AUTO", "LOW", "HIGH"}); !detail.empty())
        json.member("detail", detail);
    json.end_object().end_object();
}

/// Writes a message's parts as elements of `content`.  Returns whether there were
/// any.
Result<bool> write_v2_parts(JsonWriter& json, const Message& message, std::size_t index) {
    bool any = false;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        const Part& part = message.parts[i];
        if (auto* text = std::get_if<Text>(&part)) {
            if (text->text.empty()) continue;
            write_v2_text(json, text->text);
        } else if (auto* refusal = std::get_if<Refusal>(&part)) {
            if (refusal->text.empty()) continue;
            write_v2_text(json, refusal->text);
        } else if (auto* image = std::get_if<Image>(&part)) {
            write_image(json, *image);
        } else if (std::holds_alternative<Thought>(part) || std::holds_alternative<ToolCallRef>(part)) {
            continue;
        } else {
            return no_place("OCI's format COHEREV2 does not support this content part: use text or image_url",
                            "messages[" + std::to_string(index) + "].content[" + std::to_string(i) + "]");
        }
        any = true;
    }
    if (message.role == Role::assistant && !message.refusal.empty()) {
        write_v2_text(json, message.refusal);
        any = true;
    }
    return any;
}

std::string_view role_of(Role role) {
    switch (role) {
        case Role::system:
        case Role::developer: return "SYSTEM";
        case Role::user: return "USER";
        case Role::assistant: return "ASSISTANT";
        case Role::tool: return "TOOL";
    }
    return "USER";
}

void write_v2_calls(JsonWriter& json, const std::vector<CallRef>& calls) {
    if (calls.empty()) return;
    json.key("toolCalls").begin_array();
    for (const auto& [call, id] : calls) {
        json.begin_object().member("id", id).member("type", "FUNCTION").key("function").begin_object();
        json.member("name", call->name);
        json.member("arguments", argument_object(call->arguments));
        json.end_object().end_object();
    }
    json.end_array();
}

Result<void> write_v2_turn(JsonWriter& json, const Turn& turn, const Model& model) {
    const Message& message = *turn.message;
    const bool says = turn.kind != Turn::Kind::calls && turn.kind != Turn::Kind::missing;
    std::string_view role = role_of(message.role);
    if (turn.kind == Turn::Kind::missing) role = "TOOL";
    if (turn.kind == Turn::Kind::orphan) role = "USER";

    json.begin_object().member("role", role);
    if (role == "TOOL") json.member("toolCallId", turn.id);
    json.key("content").begin_array();
    bool any = false;
    if (turn.kind == Turn::Kind::missing) {
        write_v2_text(json, no_result);
        any = true;
    }
    if (turn.kind == Turn::Kind::orphan) {
        write_v2_text(json, "Result of the tool call " + message.tool_call_id + ":");
        any = true;
    }
    // A plan has its own member.  Reasoning without calls is a thought.
    const std::string reasoning = message.role == Role::assistant && model.send_reasoning
                                      ? openai_format::reasoning_of(message)
                                      : std::string();
    const bool thinks = !reasoning.empty();
    if (thinks && turn.calls.empty()) {
        json.begin_object().member("type", "THINKING").member("thinking", reasoning).end_object();
        any = true;
    }
    if (says) {
        const auto written = write_v2_parts(json, message, turn.index);
        if (!written) return written.error();
        any = any || *written;
    }
    if (!any) write_v2_text(json, model.empty_text ? std::string_view(*model.empty_text) : blank_text);
    json.end_array();
    if (thinks && says && !turn.calls.empty()) json.member("toolPlan", reasoning);
    write_v2_calls(json, turn.calls);
    json.end_object();
    return {};
}

}  // namespace

Result<void> write_cohere_v2_messages(JsonWriter& json, const ChatRequest& request, const Model& model) {
    const std::vector<Turn> turns = arrange(request.messages, model.sequential_tools);
    json.begin_array();
    for (const Turn& turn : turns)
        if (auto ok = write_v2_turn(json, turn, model); !ok) return ok;
    // OCI requires a message to answer.
    const bool asks = !turns.empty() &&
                      (turns.back().kind != Turn::Kind::message || turns.back().message->role == Role::user);
    if (!asks) {
        json.begin_object().member("role", "USER").key("content").begin_array();
        write_v2_text(json, blank_text);
        json.end_array().end_object();
    }
    json.end_array();
    return {};
}

}  // namespace gatehouse::oci
