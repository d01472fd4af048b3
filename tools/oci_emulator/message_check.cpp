// SPDX-License-Identifier: Apache-2.0
// The messages of a GENERIC request (reference, 2.3): their fields by role,
// their parts by type, and whether every tool result belongs to a call.
#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/fields.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <set>

namespace gatehouse::emulator {

namespace {

// A data: URL with base64, one with an address in it, or an address.
Check media_url() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        const std::string_view url = value.get_ref<const std::string&>();
        if (url.starts_with("https://") || url.starts_with("http://")) return {};
        const std::size_t comma = url.find(',');
        if (!url.starts_with("data:") || comma == std::string_view::npos || url.find('/') > comma)
            return invalid(path, "must be data:<mime>;base64,<data> or an address");
        const std::string_view head = url.substr(0, comma);
        if (head.ends_with(";uri")) return {};
        const auto bytes = head.ends_with(";base64") ? from_base64(url.substr(comma + 1)) : std::nullopt;
        if (!bytes || bytes->empty()) return invalid(path, "holds no base64 data");
        return {};
    };
}

Refusal check_part(const Json& part, const std::string& path) {
    static const Check media =
        object({{"url", true, media_url()}, {"detail", false, word({"AUTO", "HIGH", "LOW"})}});
    static const std::vector<std::pair<std::string_view, FieldRule>> kinds = {
        {"TEXT", {"text", true, text()}},
        {"IMAGE", {"imageUrl", true, media}},
        {"DOCUMENT", {"documentUrl", true, media}},
        {"AUDIO", {"audioUrl", true, media}},
        {"VIDEO", {"videoUrl", true, media}}};
    const std::string_view type = string_member(part, "type");
    std::vector<std::string_view> words;
    for (const auto& [name, rule] : kinds) {
        if (name == type) return check_object(part, path, {{"type", true, text()}, rule});
        words.push_back(name);
    }
    if (!part.is_object()) return check_object(part, path, {});
    if (!member(part, "type")) return missing(path + ".type");
    return word(words)(part.at("type"), path + ".type");
}

Check content() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (value.is_array() && value.empty()) return invalid(path, "must not be empty");
        return list(check_part)(value, path);
    };
}

// Arguments must be the JSON text of an object; a client's empty ones must have become {}.
Check arguments() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        if (!parse_json(value.get_ref<const std::string&>())) return invalid(path, "must be JSON");
        return {};
    };
}

std::vector<FieldRule> fields_of_role(std::string_view role) {
    std::vector<FieldRule> fields = {{"role", true, text()}, {"content", role != "ASSISTANT", content()}};
    if (role == "TOOL") {
        fields.push_back({"toolCallId", true, text()});
        return fields;
    }
    fields.push_back({"name", false, text()});
    if (role != "ASSISTANT") return fields;
    const Check calls = list(object({{"type", true, word({"FUNCTION"})},
                                     {"id", true, text()},
                                     {"name", true, text()},
                                     {"arguments", true, arguments()}}));
    const Check annotations = list(object({{"type", true, word({"url_citation"})},
                                           {"urlCitation", true,
                                            object({{"startIndex", false, integer(0)},
                                                    {"endIndex", false, integer(0)},
                                                    {"title", false, text()},
                                                    {"url", false, text()}})}}));
    fields.insert(fields.end(), {{"refusal", false, text()},
                                 {"toolCalls", false, calls},
                                 {"annotations", false, annotations},
                                 {"reasoningContent", false, text()}});
    return fields;
}

Refusal check_message(const Json& message, const std::string& path) {
    if (!message.is_object()) return check_object(message, path, {});
    if (!member(message, "role")) return missing(path + ".role");
    static const Check role = word({"SYSTEM", "DEVELOPER", "USER", "ASSISTANT", "TOOL"});
    if (auto refusal = role(message.at("role"), path + ".role")) return refusal;
    static const std::vector<FieldRule> tool = fields_of_role("TOOL"),
                                        assistant = fields_of_role("ASSISTANT"),
                                        other = fields_of_role("USER");
    const std::string_view name = string_member(message, "role");
    return check_object(message, path, name == "TOOL" ? tool : name == "ASSISTANT" ? assistant : other);
}

}  // namespace

Refusal check_messages(const Json& messages, const Model& model) {
    const std::string path = "chatRequest.messages";
    if (!messages.is_array()) return list(text())(messages, path);
    if (messages.empty()) return invalid(path, "must not be empty");
    std::set<std::string_view> open_calls;  // of the assistant message before the results
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Json& message = messages[i];
        const std::string here = path + "[" + std::to_string(i) + "]";
        if (auto refusal = check_message(message, here)) return refusal;
        const std::string_view role = string_member(message, "role");
        if (role == "TOOL") {
            const std::string_view id = string_member(message, "toolCallId");
            if (!open_calls.erase(id))
                return ServiceError{.message = "Invalid parameter: 'toolCallId' of '" + std::string(id) +
                                               "' not found in 'toolCalls' of previous message."};
            continue;
        }
        open_calls.clear();
        const Json* calls = role == "ASSISTANT" ? member(message, "toolCalls") : nullptr;
        if (!calls) continue;
        if (model.one_call_per_turn && calls->size() > 1)
            return ServiceError{
                .message = to_text(
                    {{"error",
                      {{"code", 400},
                       {"message",
                        "Please ensure that the number of function response parts is equal to the number "
                        "of function call parts of the function call turn."},
                       {"status", "INVALID_ARGUMENT"}}}})};
        for (const Json& call : *calls) open_calls.insert(string_member(call, "id"));
    }
    return {};
}

Refusal check_quirks(const Json& request, const Model& model) {
    const auto openai = [](const char* param, const std::string& message, const char* code) {
        return ServiceError{.message = Json({{"error",
                                              {{"message", message},
                                               {"type", "invalid_request_error"},
                                               {"param", param},
                                               {"code", code}}}})
                                           .dump(2)};
    };
    const auto xai = [](const std::string& field) {
        return ServiceError{.message =
                                to_text({{"code", "Client specified an invalid argument"},
                                         {"error", "Argument not supported on this model: " + field}})};
    };
    if (model.no_max_tokens && member(request, "maxTokens"))
        return openai("max_tokens",
                      "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                      "'max_completion_tokens' instead.",
                      "unsupported_parameter");
    if (model.no_sampling)
        for (const auto& [field, param] :
             {std::pair("temperature", "temperature"), std::pair("topP", "top_p")})
            if (const Json* value = member(request, field); value && value->get<double>() != 1)
                return openai(param,
                              "Unsupported value: '" + std::string(param) + "' does not support " +
                                  value->dump() +
                                  " with this model. Only the default (1) value is supported.",
                              "unsupported_value");
    if (model.no_reasoning_effort && member(request, "reasoningEffort")) return xai("reasoningEffort");
    if (model.no_stop)
        for (const char* field : {"stop", "presencePenalty", "frequencyPenalty"})
            if (member(request, field)) return xai(field);
    if (const Json* choice = member(request, "toolChoice")) {
        const Json* tools = member(request, "tools");
        if (!tools || tools->empty())
            return invalid("chatRequest.toolChoice", "is only allowed when 'tools' are specified");
        if (string_member(*choice, "type") == "FUNCTION") {
            for (const Json& tool : *tools)
                if (string_member(tool, "name") == string_member(*choice, "name")) return {};
            return invalid("chatRequest.toolChoice.name", "is not the name of a tool");
        }
    }
    return {};
}

}  // namespace gatehouse::emulator
