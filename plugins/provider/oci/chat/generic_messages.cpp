// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/generic_messages.hpp"

#include "plugins/common/openai/chat_messages.hpp"
#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/oci/text.hpp"
#include "plugins/provider/oci/tree.hpp"

namespace gatehouse::oci {

namespace {

std::string path_of(std::size_t message, std::size_t part, std::string_view rest = {}) {
    return "messages[" + std::to_string(message) + "].content[" + std::to_string(part) + "]" +
           std::string(rest);
}

template <typename Words>
void write_text(JsonWriter& json, const Words& text) {
    json.begin_object().member("type", "TEXT").member("text", text).end_object();
}

/// {"type":"IMAGE","imageUrl":{"url":…}}
template <typename Url>
void write_url(JsonWriter& json, std::string_view type, std::string_view key, const Url& url,
               std::string_view detail = {}) {
    json.begin_object().member("type", type).key(key).begin_object().member("url", url);
    if (detail == "auto") json.member("detail", "AUTO");
    if (detail == "low") json.member("detail", "LOW");
    if (detail == "high") json.member("detail", "HIGH");
    json.end_object().end_object();
}

std::string_view media_type_of(std::string_view filename) {
    const std::string_view extension = filename.substr(std::min(filename.rfind('.'), filename.size()));
    if (extension == ".txt") return "text/plain";
    if (extension == ".csv") return "text/csv";
    if (extension == ".md") return "text/markdown";
    if (extension == ".html") return "text/html";
    if (extension == ".json") return "application/json";
    return "application/pdf";
}

/// The member `detail` of a part that the vocabulary has no member for.
std::string detail_in(const JsonText& members) {
    if (members.empty()) return {};
    std::string text = members.text;
    const auto tree = Tree::parse(text);
    const auto from = tree ? object(tree->root()) : std::nullopt;
    return from ? std::string(string_member(*from, "detail")) : std::string();
}

/// `video_url`, a part of other servers' APIs that OpenAI's API lacks.
bool write_other(JsonWriter& json, const OtherPart& other) {
    if (other.type != "video_url") return false;
    std::string text = other.json.text;
    const auto tree = Tree::parse(text);
    const auto part = tree ? object(tree->root()) : std::nullopt;
    const auto inner = part ? member(*part, "video_url") : std::nullopt;
    const auto video = inner ? object(*inner) : std::nullopt;
    const std::string_view url = video ? string_member(*video, "url") : std::string_view();
    if (url.empty()) return false;
    write_url(json, "VIDEO", "videoUrl", url, string_member(*video, "detail"));
    return true;
}

struct PartWriter {
    JsonWriter& json;
    const Message& message;
    std::size_t message_index, part_index;

    Result<void> operator()(const Text& part) {
        write_text(json, part.text);
        return {};
    }
    Result<void> operator()(const Image& part) {
        write_url(json, "IMAGE", "imageUrl", part.url, part.detail);
        return {};
    }
    Result<void> operator()(const Audio& part) {
        const std::string_view format = part.format == "mp3" ? std::string_view("mpeg") : part.format;
        std::string url = "data:audio/";
        url.reserve(part.data.str().size() + 32);
        url.append(format).append(";base64,").append(part.data.str());
        write_url(json, "AUDIO", "audioUrl", url, detail_in(part.inner_extra));
        return {};
    }
    Result<void> operator()(const File& part) {
        if (part.data.empty())
            return Error{
                .kind = ErrorKind::bad_request,
                .message = "OCI does not support uploaded files: send the file's content in file_data",
                .param = path_of(message_index, part_index, ".file.file_id")};
        const std::string& data = part.data.str();
        if (data.starts_with("data:") || data.starts_with("https://")) {
            write_url(json, "DOCUMENT", "documentUrl", part.data, detail_in(part.inner_extra));
            return {};
        }
        std::string url = "data:";
        url.reserve(data.size() + 48);
        url.append(media_type_of(part.filename)).append(";base64,").append(data);
        write_url(json, "DOCUMENT", "documentUrl", url, detail_in(part.inner_extra));
        return {};
    }
    Result<void> operator()(const Refusal& part) {
        if (message.role != Role::assistant) write_text(json, part.text);
        return {};  // an assistant's refusal has its own member
    }
    // Filtered by has_place().
    Result<void> operator()(const Thought&) { return {}; }
    Result<void> operator()(const ToolCallRef&) { return {}; }
    Result<void> operator()(const OtherPart& part) {
        if (write_other(json, part)) return {};
        return Error{.kind = ErrorKind::unsupported,
                     .message = "OCI does not support a content part of type '" + part.type.substr(0, 64) +
                                "': use text, image_url, input_audio, file or video_url",
                     .param = path_of(message_index, part_index, ".type")};
    }
};

/// Whether `content` has a place for the part.
bool has_place(const Message& message, const Part& part) {
    if (std::holds_alternative<Refusal>(part)) return message.role != Role::assistant;
    return !std::holds_alternative<Thought>(part) && !std::holds_alternative<ToolCallRef>(part);
}

bool says_something(const Message& message) {
    for (const Part& part : message.parts) {
        if (auto* text = std::get_if<Text>(&part)) {
            if (!text->text.empty()) return true;
        } else if (!std::holds_alternative<Refusal>(part) && has_place(message, part)) {
            return true;
        }
    }
    return false;
}

/// Writes the elements of `content`, at least one, because OCI refuses an empty
/// list.
Result<void> write_parts(JsonWriter& json, const Message& message, std::size_t index) {
    bool any = false;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        if (!has_place(message, message.parts[i])) continue;
        if (auto ok = std::visit(PartWriter{json, message, index, i}, message.parts[i]); !ok) return ok;
        any = true;
    }
    if (!any) write_text(json, "");
    return {};
}

std::string refusal_of(const Message& message) {
    std::string refusal = message.refusal;
    for (const Part& part : message.parts)
        if (auto* one = std::get_if<Refusal>(&part)) refusal += one->text;
    return refusal;
}

void write_calls(JsonWriter& json, const std::vector<CallRef>& calls) {
    if (calls.empty()) return;
    json.key("toolCalls").begin_array();
    for (const CallRef& ref : calls) {
        json.begin_object().member("type", "FUNCTION").member("id", ref.id).member("name", ref.call->name);
        if (ref.call->arguments.blank())
            json.member("arguments", "{}");
        else
            json.member("arguments", ref.call->arguments);
        json.end_object();
    }
    json.end_array();
}

std::string_view role_of(Role role, const Model& model) {
    switch (role) {
        case Role::system: return "SYSTEM";
        case Role::developer: return model.developer ? "DEVELOPER" : "SYSTEM";
        case Role::user: return "USER";
        case Role::assistant: return "ASSISTANT";
        case Role::tool: return "TOOL";
    }
    return "USER";
}

Result<void> write_message(JsonWriter& json, const Turn& turn, const Model& model) {
    const Message& message = *turn.message;
    json.begin_object().member("role", role_of(message.role, model));
    if (!message.name.empty()) json.member("name", message.name);
    // A turn with tool calls and no text must have no content.  OCI refuses an
    // empty one.
    if (turn.calls.empty() || says_something(message)) {
        json.key("content").begin_array();
        if (auto ok = write_parts(json, message, turn.index); !ok) return ok;
        json.end_array();
    } else if (model.empty_text) {
        json.key("content").begin_array();
        write_text(json, *model.empty_text);
        json.end_array();
    }
    if (message.role == Role::assistant) {
        if (const std::string refusal = refusal_of(message); !refusal.empty())
            json.member("refusal", refusal);
        const std::string reasoning =
            model.send_reasoning ? openai_format::reasoning_of(message) : std::string();
        if (!reasoning.empty()) json.member("reasoningContent", reasoning);
        write_calls(json, turn.calls);
    }
    json.end_object();
    return {};
}

Result<void> write_turn(JsonWriter& json, const Turn& turn, const Model& model) {
    switch (turn.kind) {
        case Turn::Kind::message: return write_message(json, turn, model);
        case Turn::Kind::calls:
            json.begin_object().member("role", "ASSISTANT");
            if (model.empty_text) {
                json.key("content").begin_array();
                write_text(json, *model.empty_text);
                json.end_array();
            }
            write_calls(json, turn.calls);
            json.end_object();
            return {};
        case Turn::Kind::result:
        case Turn::Kind::missing:
            json.begin_object()
                .member("role", "TOOL")
                .member("toolCallId", turn.id)
                .key("content")
                .begin_array();
            if (turn.kind == Turn::Kind::missing)
                write_text(json, no_result);
            else if (auto ok = write_parts(json, *turn.message, turn.index); !ok)
                return ok;
            json.end_array().end_object();
            return {};
        case Turn::Kind::orphan:
            json.begin_object().member("role", "USER").key("content").begin_array();
            write_text(json, "Result of the tool call " + turn.message->tool_call_id + ":");
            if (auto ok = write_parts(json, *turn.message, turn.index); !ok) return ok;
            json.end_array().end_object();
            return {};
    }
    return {};
}

}  // namespace

Result<void> write_generic_messages(JsonWriter& json, const ChatRequest& request, const Model& model) {
    json.begin_array();
    for (const Turn& turn : arrange(request.messages, model.sequential_tools))
        if (auto ok = write_turn(json, turn, model); !ok) return ok;
    json.end_array();
    return {};
}

}  // namespace gatehouse::oci
