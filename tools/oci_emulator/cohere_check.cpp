// SPDX-License-Identifier: Apache-2.0
// Checks the fields of CohereChatRequest and the order of its tool turn
// (plugins/provider/oci/PROTOCOL.md, section 2.4).
#include "tools/oci_emulator/request_check.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::emulator {

namespace {

constexpr std::array<std::string_view, 6> python_types = {"str", "int", "float", "bool", "list", "dict"};
constexpr std::int64_t most_tokens_on_demand = 4000;

Check tool_name() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        const auto& name = value.get_ref<const std::string&>();
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const bool good =
            !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
            });
        if (!good) return invalid(path, "must be letters, digits and '_', and not begin with a digit");
        return {};
    };
}

// The service fails with 500 for a type that Python does not have.
Check python_type() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        const auto& type = value.get_ref<const std::string&>();
        if (std::find(python_types.begin(), python_types.end(), type) != python_types.end()) return {};
        ServiceError error = usual_error(500);
        error.debug = path + " is not a type of Python: str, int, float, bool, list or dict";
        return error;
    };
}

Check one_call() { return object({{"name", true, tool_name()}, {"parameters", true, any_object()}}); }

Check results() { return list(object({{"call", true, one_call()}, {"outputs", true, some(any_object())}})); }

std::vector<FieldRule> v1_fields() {
    std::vector<FieldRule> rules = cohere_common_fields();
    const Check history = list(
        tagged("role", {{"USER", {{"message", true, text()}}},
                        {"CHATBOT", {{"message", false, text()}, {"toolCalls", false, list(one_call())}}},
                        {"SYSTEM", {{"message", true, text()}}},
                        {"TOOL", {{"toolResults", true, results()}}}}));
    const Check parameter = object(
        {{"type", true, python_type()}, {"description", false, text()}, {"isRequired", false, boolean()}});
    const Check tool = object({{"name", true, tool_name()},
                               {"description", true, text()},
                               {"parameterDefinitions", false, map(parameter)}});
    rules.insert(rules.end(), {{"message", true, text()},
                               {"chatHistory", false, history},
                               {"preambleOverride", false, text()},
                               {"documents", false, list(map(text()))},
                               {"maxInputTokens", false, integer(1)},
                               {"promptTruncation", false, word({"OFF", "AUTO_PRESERVE_ORDER"})},
                               {"isEcho", false, boolean()},
                               {"isForceSingleStep", false, boolean()},
                               {"tools", false, list(tool)},
                               {"toolResults", false, results()},
                               {"citationQuality", false, word({"ACCURATE", "FAST"})}});
    return rules;
}

// Results of this turn must belong to the calls of the CHATBOT entry that ends the
// history.
Refusal check_tool_turn(const Json& request) {
    const auto refused = [](std::string message) { return ServiceError{.message = std::move(message)}; };
    const std::string_view message = string_member(request, "message");
    const Json* sent = member(request, "toolResults");
    if (!sent || sent->empty()) {
        if (message.empty()) return refused("invalid request: message must be at least 1 token long");
        return {};
    }
    if (!message.empty())
        return refused("invalid request: message must be empty when tool results are given");
    const Json* tools = member(request, "tools");
    if (!tools || tools->empty()) return refused("invalid request: tool results need the tools again");
    const Json* history = member(request, "chatHistory");
    const Json* calls = history && !history->empty() ? member(history->back(), "toolCalls") : nullptr;
    if (!calls)
        return refused("invalid request: the chat history does not end with the calls of the tool results");
    for (const Json& result : *sent)
        if (std::none_of(calls->begin(), calls->end(),
                         [&](const Json& call) { return same_json(call, result.at("call")); }))
            return refused(
                "invalid request: a tool result has a call that the chat history does not end with");
    return {};
}

}  // namespace

std::vector<FieldRule> cohere_common_fields() {
    return {{"apiFormat", true, text()},
            {"responseFormat", false,
             tagged("type", {{"TEXT", {}}, {"JSON_OBJECT", {{"schema", false, any_object()}}}})},
            {"isSearchQueriesOnly", false, boolean()},
            {"isRawPrompting", false, boolean()},
            {"isStream", false, boolean()},
            {"streamOptions", false, object({{"isIncludeUsage", false, boolean()}})},
            {"maxTokens", false, integer(1)},
            {"temperature", false, number(0, 1)},
            {"topK", false, integer_between(0, 500)},
            {"topP", false, number(0, 1)},
            {"frequencyPenalty", false, number(0, 1)},
            {"presencePenalty", false, number(0, 1)},
            {"seed", false, integer(INT64_MIN)},
            {"stopSequences", false, list(text())},
            {"safetyMode", false, word({"CONTEXTUAL", "STRICT", "OFF"})}};
}

Refusal check_cohere_limit(const Json& request, const Model& model) {
    const Json* limit = member(request, "maxTokens");
    if (!model.dedicated && limit && limit->get<std::int64_t>() > most_tokens_on_demand)
        return ServiceError{.message = "invalid request: maxTokens must be at most " +
                                       std::to_string(most_tokens_on_demand) + " on demand"};
    return {};
}

Refusal check_cohere(const Json& request, const Model& model) {
    static const std::vector<FieldRule> rules = v1_fields();
    if (auto refusal = check_object(request, "chatRequest", rules)) return refusal;
    if (auto refusal = check_tool_turn(request)) return refusal;
    return check_cohere_limit(request, model);
}

}  // namespace gatehouse::emulator
