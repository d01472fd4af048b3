// SPDX-License-Identifier: Apache-2.0
// Checks and reads requests in OpenAI's form.  Unknown members are accepted and
// come back in the response's `x_unknown`, so that tests can verify their arrival.
#include "tools/oci_emulator/openai_surface.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::emulator {

namespace {

const std::set<std::string_view>& known_members() {
    static const std::set<std::string_view> known = {"model",
                                                     "messages",
                                                     "stream",
                                                     "stream_options",
                                                     "tools",
                                                     "tool_choice",
                                                     "parallel_tool_calls",
                                                     "max_tokens",
                                                     "max_completion_tokens",
                                                     "temperature",
                                                     "top_p",
                                                     "n",
                                                     "stop",
                                                     "presence_penalty",
                                                     "frequency_penalty",
                                                     "logit_bias",
                                                     "logprobs",
                                                     "top_logprobs",
                                                     "seed",
                                                     "user",
                                                     "response_format",
                                                     "reasoning_effort",
                                                     "verbosity",
                                                     "metadata",
                                                     "store",
                                                     "service_tier",
                                                     "prediction",
                                                     "modalities",
                                                     "audio",
                                                     "web_search_options",
                                                     "functions",
                                                     "function_call",
                                                     "prompt_cache_key",
                                                     "safety_identifier"};
    return known;
}

using Kind = bool (*)(const Json&);

Refusal check_kinds(const Json& request) {
    const auto text = [](const Json& v) { return v.is_string(); };
    const auto yes_or_no = [](const Json& v) { return v.is_boolean(); };
    const auto number = [](const Json& v) { return v.is_number(); };
    const auto count = [](const Json& v) {
        return v.is_number_integer() && v.get<double>() >= 1 && v.get<double>() <= 1e9;
    };
    const auto object = [](const Json& v) { return v.is_object(); };
    const auto array = [](const Json& v) { return v.is_array(); };
    const std::vector<std::pair<const char*, Kind>> kinds = {{"model", text},
                                                             {"messages", array},
                                                             {"stream", yes_or_no},
                                                             {"stream_options", object},
                                                             {"tools", array},
                                                             {"parallel_tool_calls", yes_or_no},
                                                             {"max_tokens", count},
                                                             {"max_completion_tokens", count},
                                                             {"temperature", number},
                                                             {"top_p", number},
                                                             {"n", count},
                                                             {"presence_penalty", number},
                                                             {"frequency_penalty", number},
                                                             {"response_format", object},
                                                             {"reasoning_effort", text}};
    for (const auto& [name, is_right] : kinds)
        if (const Json* value = member(request, name); value && !is_right(*value))
            return openai_error("Invalid type for '" + std::string(name) + "'.", name, "invalid_type");
    for (const char* name : {"model", "messages"})
        if (!member(request, name))
            return openai_error("Missing required parameter: '" + std::string(name) + "'.", name,
                                "missing_required_parameter");
    return {};
}

std::string role_in_oci(std::string_view role) {
    return role == "system"      ? "SYSTEM"
           : role == "developer" ? "DEVELOPER"
           : role == "user"      ? "USER"
           : role == "assistant" ? "ASSISTANT"
           : role == "tool"      ? "TOOL"
                                 : "";
}

Refusal check_content(const Json& message, const std::string& path) {
    const Json* content = member(message, "content");
    if (!content) {
        if (string_member(message, "role") == "assistant") return {};
        return openai_error("Missing required parameter: '" + path + "'.", path,
                            "missing_required_parameter");
    }
    if (content->is_string()) return {};
    if (!content->is_array() || content->empty())
        return openai_error("Invalid type for '" + path + "'.", path, "invalid_type");
    for (const Json& part : *content) {
        const std::string_view type = string_member(part, "type");
        const Json* image = member(part, "image_url");
        const bool good = (type == "text" && member(part, "text") && part.at("text").is_string()) ||
                          (type == "image_url" && image && !string_member(*image, "url").empty()) ||
                          type == "input_audio" || type == "file" || type == "refusal";
        if (!good) return openai_error("Invalid value in '" + path + "'.", path, "invalid_value");
    }
    return {};
}

Refusal check_conversation(const Json& messages) {
    if (messages.empty()) return openai_error("Invalid 'messages': empty array.", "messages", "empty_array");
    std::set<std::string_view> open;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Json& message = messages[i];
        const std::string path = "messages[" + std::to_string(i) + "]";
        const std::string_view role = string_member(message, "role");
        if (role_in_oci(role).empty())
            return openai_error("Invalid value: '" + std::string(role) + "'.", path + ".role",
                                "invalid_value");
        if (auto refusal = check_content(message, path + ".content")) return refusal;
        if (role == "tool") {
            if (!open.erase(string_member(message, "tool_call_id")))
                return openai_error(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
                    "message with 'tool_calls'.",
                    path + ".role");
            continue;
        }
        if (!open.empty())
            return openai_error(
                "An assistant message with 'tool_calls' must be followed by tool messages responding "
                "to each 'tool_call_id'.",
                path + ".role");
        const Json* calls = role == "assistant" ? member(message, "tool_calls") : nullptr;
        if (!calls) continue;
        if (!calls->is_array()) return openai_error("Invalid type for 'tool_calls'.", path + ".tool_calls");
        for (const Json& call : *calls) {
            const Json* function = member(call, "function");
            if (!function || string_member(*function, "name").empty() || string_member(call, "id").empty())
                return openai_error("Invalid value in 'tool_calls'.", path + ".tool_calls", "invalid_value");
            open.insert(string_member(call, "id"));
        }
    }
    return {};
}

// Converts the messages to GENERIC's form, which the model reads.
Json messages_in_oci(const Json& messages) {
    Json all = Json::array();
    for (const Json& message : messages) {
        Json one = {{"role", role_in_oci(string_member(message, "role"))}, {"content", Json::array()}};
        const Json* content = member(message, "content");
        if (content && content->is_string()) one["content"].push_back({{"type", "TEXT"}, {"text", *content}});
        if (content && content->is_array())
            for (const Json& part : *content) {
                if (const Json* text = member(part, "text"); text && text->is_string())
                    one["content"].push_back({{"type", "TEXT"}, {"text", *text}});
                if (const Json* image = member(part, "image_url"))
                    one["content"].push_back(
                        {{"type", "IMAGE"}, {"imageUrl", {{"url", string_member(*image, "url")}}}});
            }
        if (const std::string_view id = string_member(message, "tool_call_id"); !id.empty())
            one["toolCallId"] = id;
        all.push_back(std::move(one));
    }
    return all;
}

void read_openai_tools(const Json& request, ChatCall& call) {
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools) {
            const Json* function = member(tool, "function");
            if (!function) continue;
            const Json* parameters = member(*function, "parameters");
            call.tools.push_back(
                {std::string(string_member(*function, "name")), parameters ? *parameters : Json::object()});
        }
    call.parallel = flag(request, "parallel_tool_calls", true);
    const Json* choice = member(request, "tool_choice");
    if (!choice) return;
    if (*choice == "none") call.choice = ChatCall::Choice::none;
    if (*choice == "required") call.choice = ChatCall::Choice::required;
    if (const Json* function = member(*choice, "function")) {
        call.choice = ChatCall::Choice::named;
        call.chosen_tool = string_member(*function, "name");
    }
}

}  // namespace

ServiceError openai_error(std::string message, const std::string& param, const char* code) {
    ServiceError error;
    error.openai_body = to_text({{"error",
                                  {{"message", std::move(message)},
                                   {"type", "invalid_request_error"},
                                   {"param", param},
                                   {"code", code ? Json(code) : Json()}}}});
    return error;
}

bool is_openai_path(std::string_view path) {
    return path == "/openai/v1/chat/completions" || path == "/20231130/actions/v1/chat/completions";
}

Refusal check_completion(const Json& request, const RequestRules& rules, Model& model, bool as_response) {
    if (!request.is_object()) return openai_error("The body is not a JSON object.", "");
    if (auto refusal = check_kinds(request)) return refusal;
    const std::string_view id = string_member(request, "model");
    const auto found =
        is_ocid(id, "generativeaiendpoint") ? find_endpoint(id, rules.models) : find_model(id, rules.models);
    if (!found || (found->operation != Operation::chat && !found->any_operation)) return model_not_found(id);
    if (found->vendor == Vendor::cohere)
        return ServiceError{.message = "Model " + std::string(id) + " is not supported by this API"};
    if (found->responses_only && !as_response)
        return ServiceError{.message =
                                "Multi Agent requests are not allowed on chat completions. Please use the "
                                "Responses API"};
    model = *found;
    if (auto refusal = check_conversation(request.at("messages"))) return refusal;
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools) {
            const Json* function = member(tool, "function");
            if (string_member(tool, "type") == "function" &&
                (!function || string_member(*function, "name").empty()))
                return openai_error("Missing required parameter: 'tools[].function.name'.", "tools");
        }
    if (model.no_sampling && member(request, "max_tokens"))
        return openai_error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            "max_tokens", "unsupported_parameter");
    if (model.no_sampling)
        for (const char* name : {"temperature", "top_p"})
            if (const Json* value = member(request, name); value && value->get<double>() != 1)
                return openai_error("Unsupported value: '" + std::string(name) + "' does not support " +
                                        value->dump() +
                                        " with this model. Only the default (1) value is supported.",
                                    name, "unsupported_value");
    return {};
}

ChatCall read_completion(const Json& request, const Model& model, const std::string& id,
                         std::int64_t created) {
    ChatCall call{.model = model};
    call.stream = flag(request, "stream");
    if (const Json* options = member(request, "stream_options"))
        call.include_usage = flag(*options, "include_usage");
    for (const char* limit : {"max_tokens", "max_completion_tokens"})
        if (const Json* value = member(request, limit)) call.max_words = value->get<std::int64_t>();
    if (const Json* count = member(request, "n"))
        call.answers = static_cast<int>(std::min<std::int64_t>(count->get<std::int64_t>(), 128));
    if (const Json* stop = member(request, "stop")) {
        if (stop->is_string()) call.stop.push_back(stop->get<std::string>());
        if (stop->is_array())
            for (const Json& one : *stop)
                if (one.is_string()) call.stop.push_back(one.get<std::string>());
    }
    const std::string_view effort = string_member(request, "reasoning_effort");
    call.reasons = model.always_reasons || (model.can_reason && !effort.empty() && effort != "none");
    if (const Json* format = member(request, "response_format")) {
        call.wants_json = string_member(*format, "type") != "text";
        if (const Json* inner = member(*format, "json_schema"))
            if (const Json* schema = member(*inner, "schema")) call.schema = *schema;
    }
    read_openai_tools(request, call);
    read_messages(messages_in_oci(request.at("messages")), call);
    call.envelope = {{"id", id}, {"object", ""}, {"created", created}, {"model", model.id}};
    for (const auto& [name, value] : request.items())
        if (!known_members().contains(name)) call.unknown[name] = value;
    return call;
}

}  // namespace gatehouse::emulator
