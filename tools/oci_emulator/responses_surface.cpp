// SPDX-License-Identifier: Apache-2.0
// Converts a request of the Responses API into one of chat completions, which is checked and
// read.  Unknown members are accepted and come back in the response's `x_unknown`.
#include "tools/oci_emulator/responses_surface.hpp"

#include "tools/oci_emulator/openai_surface.hpp"

#include <set>

namespace gatehouse::emulator {

namespace {

/// Members that the response repeats, with their defaults.
Json repeated_members() {
    return {{"instructions", nullptr},
            {"max_output_tokens", nullptr},
            {"max_tool_calls", nullptr},
            {"metadata", Json::object()},
            {"parallel_tool_calls", true},
            {"previous_response_id", nullptr},
            {"prompt_cache_key", nullptr},
            {"reasoning", {{"effort", nullptr}, {"summary", nullptr}}},
            {"safety_identifier", nullptr},
            {"service_tier", "default"},
            {"store", true},
            {"temperature", 1.0},
            {"text", {{"format", {{"type", "text"}}}}},
            {"tool_choice", "auto"},
            {"tools", Json::array()},
            {"top_logprobs", 0},
            {"top_p", 1.0},
            {"truncation", "disabled"},
            {"user", nullptr}};
}

const std::set<std::string_view>& other_members() {
    static const std::set<std::string_view> names = {"model",      "input",        "stream", "stream_options",
                                                     "background", "conversation", "prompt", "include"};
    return names;
}

/// Items of the assistant that follow each other are one message of a chat.
Json& assistant_message(Json& messages) {
    if (messages.empty() || string_member(messages.back(), "role") != "assistant")
        messages.push_back({{"role", "assistant"}, {"content", nullptr}});
    return messages.back();
}

Json part_of_chat(const Json& part) {
    const std::string_view type = string_member(part, "type");
    if (type == "input_text" || type == "output_text")
        return {{"type", "text"}, {"text", string_member(part, "text")}};
    if (type == "input_image")
        return {{"type", "image_url"}, {"image_url", {{"url", string_member(part, "image_url")}}}};
    if (type == "input_file") return {{"type", "file"}};
    if (type == "refusal") return {{"type", "refusal"}};
    return {{"type", type}};
}

Json content_of_chat(const Json& item) {
    const Json* content = member(item, "content");
    if (!content || !content->is_array()) return content ? *content : Json();
    Json parts = Json::array();
    for (const Json& part : *content) parts.push_back(part_of_chat(part));
    return parts;
}

Refusal bad_item(std::size_t index, std::string_view type) {
    const std::string path = "input[" + std::to_string(index) + "]";
    return openai_error("Invalid value: '" + std::string(type) + "'.", path, "invalid_value");
}

Refusal add_item(const Json& item, std::size_t index, Json& messages) {
    std::string_view type = string_member(item, "type");
    if (type.empty() && member(item, "role")) type = "message";
    if (type == "message") {
        const std::string_view role = string_member(item, "role");
        Json& message = role == "assistant" ? assistant_message(messages) : messages.emplace_back();
        message["role"] = role;
        message["content"] = content_of_chat(item);
        return {};
    }
    const bool custom = type == "custom_tool_call";
    if (custom || type == "function_call") {
        assistant_message(messages)["tool_calls"].push_back(
            {{"id", string_member(item, "call_id")},
             {"type", "function"},
             {"function",
              {{"name", string_member(item, "name")},
               {"arguments", string_member(item, custom ? "input" : "arguments")}}}});
        return {};
    }
    if (type == "function_call_output" || type == "custom_tool_call_output") {
        const Json* output = member(item, "output");
        Json text = output && output->is_array() ? content_of_chat({{"content", *output}})
                    : output                     ? *output
                                                 : Json("");
        messages.push_back({{"role", "tool"},
                            {"tool_call_id", string_member(item, "call_id")},
                            {"content", std::move(text)}});
        return {};
    }
    if (type == "reasoning") {
        const std::string_view sealed = string_member(item, "encrypted_content");
        if (sealed.empty() || sealed.starts_with("emulated:")) return {};
        return openai_error("The encrypted content of a reasoning item could not be verified.", "input",
                            "invalid_encrypted_content");
    }
    return bad_item(index, type);
}

Json tool_of_chat(const Json& tool) {
    const Json* parameters = member(tool, "parameters");
    Json function = {{"name", string_member(tool, "name")}};
    if (parameters) function["parameters"] = *parameters;
    return {{"type", "function"}, {"function", std::move(function)}};
}

/// The request in the form of chat completions.
Refusal convert(const Json& request, Json& chat) {
    chat = {{"messages", Json::array()}};
    Json& messages = chat["messages"];
    if (const auto text = string_member(request, "instructions"); !text.empty())
        messages.push_back({{"role", "system"}, {"content", text}});
    const Json& input = request.at("input");
    if (input.is_string()) {
        messages.push_back({{"role", "user"}, {"content", input}});
    } else {
        for (std::size_t i = 0; i < input.size(); ++i)
            if (auto refusal = add_item(input[i], i, messages)) return refusal;
    }
    for (const char* name : {"model", "stream", "temperature", "top_p", "parallel_tool_calls"})
        if (const Json* value = member(request, name)) chat[name] = *value;
    if (const Json* limit = member(request, "max_output_tokens")) chat["max_completion_tokens"] = *limit;
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools)
            if (const auto type = string_member(tool, "type"); type == "function" || type == "custom")
                chat["tools"].push_back(tool_of_chat(tool));
    if (const Json* choice = member(request, "tool_choice"))
        chat["tool_choice"] = choice->is_object() ? tool_of_chat(*choice) : *choice;
    if (const Json* reasoning = member(request, "reasoning"))
        if (const auto effort = string_member(*reasoning, "effort"); !effort.empty())
            chat["reasoning_effort"] = effort;
    if (const Json* text = member(request, "text"))
        if (const Json* format = member(*text, "format")) {
            chat["response_format"] = *format;
            if (const Json* schema = member(*format, "schema"))
                chat["response_format"]["json_schema"] = {{"schema", *schema}};
        }
    return {};
}

}  // namespace

bool is_responses_path(std::string_view path) {
    return path == "/openai/v1/responses" || path == "/20231130/actions/v1/responses";
}

Refusal check_response(const Json& request, const RequestRules& rules, std::string_view path,
                       std::string_view project, Model& model) {
    if (!request.is_object()) return openai_error("The body is not a JSON object.", "");
    if (path.starts_with("/openai/") && project.empty())
        return openai_error("Missing required header: 'OpenAI-Project'.", "OpenAI-Project");
    const Json* input = member(request, "input");
    if (!input)
        return openai_error("Missing required parameter: 'input'.", "input", "missing_required_parameter");
    if (!input->is_string() && !input->is_array())
        return openai_error("Invalid type for 'input'.", "input", "invalid_type");
    if (member(request, "previous_response_id"))
        return openai_error("Previous response with id '" +
                                std::string(string_member(request, "previous_response_id")) + "' not found.",
                            "previous_response_id", "previous_response_not_found");
    Json chat;
    if (auto refusal = convert(request, chat)) return refusal;
    if (auto refusal = check_completion(chat, rules, model, true)) return refusal;
    if (model.vendor == Vendor::meta)
        return ServiceError{.message = "Model " + model.id + " is not supported by this API"};
    return {};
}

ChatCall read_response(const Json& request, const Model& model, const std::string& id, std::int64_t created) {
    Json chat;
    (void)convert(request, chat);
    ChatCall call = read_completion(chat, model, id, created);
    Json repeated = repeated_members();
    for (const auto& [name, value] : request.items())
        if (repeated.contains(name))
            repeated[name] = value;
        else if (!other_members().contains(name))
            call.unknown[name] = value;
    call.envelope = {{"id", id}, {"object", "response"}, {"created_at", created}, {"model", model.id}};
    call.envelope.update(repeated);
    call.is_response = true;
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools)
            if (string_member(tool, "type") == "custom")
                call.custom_tools.emplace_back(string_member(tool, "name"));
    if (const Json* include = member(request, "include"); include && include->is_array())
        for (const Json& word : *include) call.encrypts |= word == "reasoning.encrypted_content";
    return call;
}

}  // namespace gatehouse::emulator
