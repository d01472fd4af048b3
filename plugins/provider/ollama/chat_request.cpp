// SPDX-License-Identifier: Apache-2.0
#include "chat_request.hpp"

#include <gatehouse/conversation.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::ollama {

namespace {

/// A client of the Responses API has tools and items that only upstreams of this API know.
bool is_native(const ChatRequest& chat) { return chat.protocol == "responses"; }
bool is_needed(const Tool& tool) {
    return tool.type == "file_search" || tool.type == "code_interpreter" || tool.type == "mcp" ||
           tool.type.starts_with("computer");
}
bool is_item(const Part& part) { return std::holds_alternative<OtherPart>(part); }
bool has_items_only(const Message& message) {
    return message.role == Role::assistant && !message.parts.empty() && message.tool_calls.empty() &&
           std::ranges::all_of(message.parts, is_item);
}
Result<std::vector<DataUrl>> images_in(const ChatRequest& chat, const Message& message) {
    if (!is_native(chat)) return images_of(message);
    Message rest = message;
    std::erase_if(rest.parts, is_item);
    return images_of(rest);
}

/// The result of a tool may have several texts there.
std::string lines_of(const ChatRequest& chat, const Message& message) {
    if (!is_native(chat) || message.role != Role::tool) return text_of(message);
    std::string lines;
    for (const Part& part : message.parts)
        if (const auto* text = std::get_if<Text>(&part)) {
            if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
            lines += text->text.str();
        }
    return lines;
}

void write_message(JsonWriter& json, const ChatRequest& chat, const Message& message) {
    std::vector<JsonString> images;
    if (auto urls = images_in(chat, message))
        for (DataUrl& url : *urls) images.push_back(std::move(url.data));
    json.begin_object();
    json.member("role", message.role == Role::developer ? "system" : word_of(message.role));
    json.member("content", lines_of(chat, message) + message.refusal).member("images", images);
    if (!message.reasoning.empty()) json.member("thinking", message.reasoning);
    if (message.role == Role::tool) json.member("tool_name", called_name(chat, message.tool_call_id));
    json.key("tool_calls").begin_array();
    for (const ToolCall& call : message.tool_calls) {
        json.begin_object().key("function").begin_object().member("name", call.name);
        json.key("arguments").raw(arguments_object(call));
        write_members(json, call.inner_extra);
        write_members(json.end_object(), call.extra);
        json.end_object();
    }
    json.end_array().end_object();
}

void write_options(JsonWriter& json, const ChatRequest& chat, std::optional<std::int64_t> context_window) {
    const Sampling& sampling = chat.sampling;
    json.begin_object().member("num_ctx", context_window);
    json.member("num_predict", sampling.output_limit()).member("seed", sampling.seed);
    json.member("temperature", sampling.temperature).member("top_p", sampling.top_p);
    json.member("top_k", sampling.top_k).member("presence_penalty", sampling.presence_penalty);
    json.member("frequency_penalty", sampling.frequency_penalty);
    if (!sampling.stop.empty()) json.member("stop", sampling.stop);
    // Further options of a client that knows Ollama, such as min_p.
    write_members(json, JsonValue::unchecked(chat.extra.text)["options"].text());
    json.end_object();
}

}  // namespace

Result<void> check(const ChatRequest& chat) {
    const TextCompletion completion = chat.completion.value_or(TextCompletion());
    const std::pair<const char*, bool> unsupported[] = {
        {"prompt", chat.completion && chat.messages.empty()},
        {"suffix", !completion.suffix.empty()},
        {"echo", completion.echo.value_or(false)},
        {"best_of", completion.best_of.value_or(1) > 1},
        {"logprobs", completion.logprobs || chat.sampling.logprobs.value_or(false)},
        {"n", chat.sampling.n.value_or(1) > 1},
        {"tool_choice", chat.tool_choice.mode >= ToolChoice::Mode::required},
        {"response_format", chat.response_format.kind == ResponseFormat::Kind::other},
        {"modalities", chat.modalities.text.find("audio") != std::string::npos},
        {"web_search_options", !chat.web_search_options.empty()}};
    for (const auto& [field, given] : unsupported)
        if (given) return unsupported_field(field, "Ollama does not support this value");
    for (const Tool& tool : chat.tools)
        if (tool.type != "function" && (!is_native(chat) || is_needed(tool)))
            return unsupported_field("tools", "Ollama calls functions only");
    for (const Message& message : chat.messages)
        if (auto images = images_in(chat, message); !images) return images.error();
    return {};
}

std::string write_chat(const ChatRequest& chat, std::optional<std::int64_t> context_window, bool thinks) {
    std::string body;
    const std::string& effort = chat.reasoning_effort;
    std::string schema = chat.response_format.schema.text;
    const JsonValue beside = JsonValue::unchecked(chat.response_format.extra.text)["schema"];
    if (schema.empty() && beside.is(JsonType::object)) schema = beside.raw();
    JsonWriter json(body);
    json.begin_object().member("model", chat.model).member("stream", chat.stream);
    if (effort == "none" || effort == "minimal")
        json.member("think", false);
    else if (thinks && !effort.empty())
        json.member("think", effort == "low" || effort == "medium" ? effort : "high");
    if (chat.response_format.kind >= ResponseFormat::Kind::json_object)
        json.key("format").raw(schema.empty() ? "\"json\"" : schema);
    write_options(json.key("options"), chat, context_window);
    if (chat.tool_choice.mode != ToolChoice::Mode::none) write_functions(json.key("tools"), chat.tools);
    json.key("messages").begin_array();
    for (const Message& message : chat.messages)
        if (!is_native(chat) || !has_items_only(message)) write_message(json, chat, message);
    json.end_array().end_object();
    return body;
}

}  // namespace gatehouse::ollama
