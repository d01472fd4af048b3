// SPDX-License-Identifier: Apache-2.0
// Checks the fields of CohereChatRequestV2 (plugins/provider/oci/PROTOCOL.md,
// section 2.5).
#include "tools/oci_emulator/request_check.hpp"

namespace gatehouse::emulator {

namespace {

// The arguments of a call: JSON text or an object.  The schema allows both.
Check v2_arguments() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (value.is_object()) return {};
        if (auto refusal = text()(value, path)) return refusal;
        if (!parse_json(value.get_ref<const std::string&>())) return invalid(path, "must be JSON");
        return {};
    };
}

Check text_or_object() {
    return [](const Json& value, const std::string& path) -> Refusal {
        return value.is_string() ? Refusal() : any_object()(value, path);
    };
}

Check v2_part() {
    const Check media =
        object({{"url", true, media_url()}, {"detail", false, word({"AUTO", "HIGH", "LOW"})}});
    return tagged("type", {{"TEXT", {{"text", true, text()}}},
                           {"IMAGE_URL", {{"imageUrl", true, media}}},
                           {"DOCUMENT", {{"document", true, text_or_object()}}},
                           {"THINKING", {{"thinking", true, text()}}}});
}

Check messages() {
    const FieldRule content{"content", true, some(v2_part())};
    const Check call =
        object({{"id", true, text()},
                {"type", true, word({"FUNCTION"})},
                {"function", true, object({{"name", true, text()}, {"arguments", true, v2_arguments()}})}});
    return some(tagged("role", {{"SYSTEM", {content}},
                                {"USER", {content}},
                                {"ASSISTANT",
                                 {content,
                                  {"toolPlan", false, text()},
                                  {"toolCalls", false, list(call)},
                                  {"citations", false, list(any_object())}}},
                                {"TOOL", {content, {"toolCallId", true, text()}}}}));
}

std::vector<FieldRule> v2_fields() {
    std::vector<FieldRule> rules = cohere_common_fields();
    const Check tool = object({{"type", true, word({"FUNCTION"})},
                               {"function", true,
                                object({{"name", true, text()},
                                        {"description", false, text()},
                                        {"parameters", false, any_object()}})}});
    rules.insert(
        rules.end(),
        {{"messages", true, messages()},
         {"documents", false, list(text_or_object())},
         {"citationOptions", false, object({{"mode", false, word({"FAST", "ACCURATE", "OFF"})}})},
         {"toolsChoice", false, word({"REQUIRED", "NONE"})},
         {"tools", false, list(tool)},
         {"isStrictToolsEnabled", false, boolean()},
         {"isLogProbsEnabled", false, boolean()},
         {"thinking", false,
          object({{"type", true, word({"ENABLED", "DISABLED"})}, {"tokenBudget", false, integer(1)}})},
         {"priority", false, integer(0)}});
    return rules;
}

}  // namespace

Refusal check_cohere_v2(const Json& request, const Model& model) {
    static const std::vector<FieldRule> rules = v2_fields();
    if (auto refusal = check_object(request, "chatRequest", rules)) return refusal;
    if (auto refusal = check_pairing(request.at("messages"))) return refusal;
    const Json* tools = member(request, "tools");
    if (string_member(request, "toolsChoice") == "REQUIRED" && (!tools || tools->empty()))
        return invalid("chatRequest.toolsChoice", "is only allowed when 'tools' are specified");
    return check_cohere_limit(request, model);
}

}  // namespace gatehouse::emulator
