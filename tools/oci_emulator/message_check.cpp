// SPDX-License-Identifier: Apache-2.0
// Checks the messages of a GENERIC request (plugins/provider/oci/PROTOCOL.md,
// section 2.3): the fields of each role, the parts of each type, and if every tool
// result belongs to a call.
#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <set>

namespace gatehouse::emulator {

namespace {

Check generic_part() {
    const Check media =
        object({{"url", true, media_url()}, {"detail", false, word({"AUTO", "HIGH", "LOW"})}});
    return tagged("type", {{"TEXT", {{"text", true, text()}}},
                           {"IMAGE", {{"imageUrl", true, media}}},
                           {"DOCUMENT", {{"documentUrl", true, media}}},
                           {"AUDIO", {{"audioUrl", true, media}}},
                           {"VIDEO", {{"videoUrl", true, media}}}});
}

// Arguments must be the JSON text of an object.  Empty arguments must be {}.
Check generic_arguments() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        if (!parse_json(value.get_ref<const std::string&>())) return invalid(path, "must be JSON");
        return {};
    };
}

std::vector<FieldRule> fields_of_role(std::string_view role) {
    std::vector<FieldRule> fields = {{"content", role != "ASSISTANT", some(generic_part())}};
    if (role == "TOOL") {
        fields.push_back({"toolCallId", true, text()});
        return fields;
    }
    fields.push_back({"name", false, text()});
    if (role != "ASSISTANT") return fields;
    const Check calls = list(object({{"type", true, word({"FUNCTION"})},
                                     {"id", true, text()},
                                     {"name", true, text()},
                                     {"arguments", true, generic_arguments()}}));
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

Check message() {
    return tagged("role", {{"SYSTEM", fields_of_role("SYSTEM")},
                           {"DEVELOPER", fields_of_role("DEVELOPER")},
                           {"USER", fields_of_role("USER")},
                           {"ASSISTANT", fields_of_role("ASSISTANT")},
                           {"TOOL", fields_of_role("TOOL")}});
}

}  // namespace

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

Refusal check_pairing(const Json& messages) {
    std::set<std::string_view> open_calls;  // calls of the assistant message before the results
    for (const Json& message : messages) {
        const std::string_view role = string_member(message, "role");
        if (role == "TOOL") {
            const std::string_view id = string_member(message, "toolCallId");
            if (!open_calls.erase(id))
                return ServiceError{.message = "Invalid parameter: 'toolCallId' of '" + std::string(id) +
                                               "' not found in 'toolCalls' of previous message."};
            continue;
        }
        open_calls.clear();
        if (const Json* calls = role == "ASSISTANT" ? member(message, "toolCalls") : nullptr)
            for (const Json& call : *calls) open_calls.insert(string_member(call, "id"));
    }
    return {};
}

Refusal check_messages(const Json& messages, const Model& model) {
    static const Check all = some(message());
    if (auto refusal = all(messages, "chatRequest.messages")) return refusal;
    if (auto refusal = check_pairing(messages)) return refusal;
    if (model.one_call_per_turn)
        for (const Json& message : messages)
            if (const Json* calls = member(message, "toolCalls"); calls && calls->size() > 1)
                return ServiceError{
                    .message = to_text(
                        {{"error",
                          {{"code", 400},
                           {"message",
                            "Please ensure that the number of function response parts is equal to the number "
                            "of function call parts of the function call turn."},
                           {"status", "INVALID_ARGUMENT"}}}})};
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
