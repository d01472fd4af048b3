// SPDX-License-Identifier: Apache-2.0
// Checks the fields of ChatDetails and GenericChatRequest
// (plugins/provider/oci/PROTOCOL.md, sections 2.1 and 2.2).
#include "tools/oci_emulator/request_check.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

Check name_of_function() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = text()(value, path)) return refusal;
        const auto& name = value.get_ref<const std::string&>();
        const bool good =
            !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
            });
        if (!good) return invalid(path, "must have 1 to 64 letters, digits, '_' and '-'");
        return {};
    };
}

const char* name_of(ApiFormat format) {
    switch (format) {
        case ApiFormat::generic: return "GENERIC";
        case ApiFormat::cohere: return "COHERE";
        case ApiFormat::cohere_v2: return "COHEREV2";
    }
    return "";
}

Check metadata() {
    return [](const Json& value, const std::string& path) -> Refusal {
        if (auto refusal = map(text())(value, path)) return refusal;
        if (value.size() > 16) return invalid(path, "must not have more than 16 pairs");
        for (const auto& [name, one] : value.items())
            if (name.size() > 64 || one.get_ref<const std::string&>().size() > 512)
                return invalid(path, "must have keys of at most 64 and values of at most 512 characters");
        return {};
    };
}

std::vector<FieldRule> chat_request_fields() {
    return {
        {"apiFormat", true, word({"GENERIC"})},
        {"messages", true, anything()},  // check_messages
        {"isStream", false, boolean()},
        {"streamOptions", false, object({{"isIncludeUsage", false, boolean()}})},
        {"maxTokens", false, integer(1)},
        {"maxCompletionTokens", false, integer(1)},
        {"temperature", false, number(0, 2)},
        {"topP", false, number(0, 1)},
        {"topK", false, integer(-1)},
        {"frequencyPenalty", false, number(-2, 2)},
        {"presencePenalty", false, number(-2, 2)},
        {"seed", false, integer(INT64_MIN)},
        {"stop", false, list(text())},
        {"numGenerations", false, integer(1)},
        {"logProbs", false, integer(0)},
        {"logitBias", false, map(number(-100, 100))},
        {"isEcho", false, boolean()},
        {"reasoningEffort", false, word({"NONE", "MINIMAL", "LOW", "MEDIUM", "HIGH"})},
        {"verbosity", false, word({"LOW", "MEDIUM", "HIGH"})},
        {"metadata", false, metadata()},
        {"prediction", false,
         tagged("type", {{"CONTENT",
                          {{"content", true, list(tagged("type", {{"TEXT", {{"text", true, text()}}}}))}}}})},
        {"responseFormat", false,
         tagged("type", {{"TEXT", {}},
                         {"JSON_OBJECT", {}},
                         {"JSON_SCHEMA",
                          {{"jsonSchema", true,
                            object({{"name", true, name_of_function()},
                                    {"description", false, text()},
                                    {"schema", false, any_object()},
                                    {"isStrict", false, boolean()}})}}}})},
        {"tools", false,
         list(tagged("type", {{"FUNCTION",
                               {{"name", true, name_of_function()},
                                {"description", false, text()},
                                {"parameters", false, any_object()}}}}),
              128)},
        {"toolChoice", false,
         tagged("type", {{"AUTO", {}},
                         {"NONE", {}},
                         {"REQUIRED", {}},
                         {"FUNCTION", {{"name", true, name_of_function()}}}})},
        {"isParallelToolCalls", false, boolean()},
        {"webSearchOptions", false,
         object({{"searchContextSize", false, word({"HIGH", "MEDIUM", "LOW"})},
                 {"userLocation", false,
                  object({{"city", false, text()},
                          {"region", false, text()},
                          {"country", false, text()},
                          {"timezone", false, text()}})}})},
        {"serviceTier", false, word({"AUTO", "DEFAULT", "PRIORITY"})},
    };
}

// Returns the first of `words` that is a key anywhere in `schema`, or an empty
// view.
std::string_view used_keyword(const Json& schema, const std::vector<std::string_view>& words) {
    if (schema.is_object())
        for (std::string_view one : words)
            if (schema.contains(one)) return one;
    if (schema.is_structured())
        for (const Json& inner : schema)
            if (auto found = used_keyword(inner, words); !found.empty()) return found;
    return {};
}

Refusal check_schemas(const Json& request, const Model& model) {
    std::vector<std::string_view> unwanted = {"$ref", "$defs", "anyOf"};
    if (model.vendor == Vendor::google)
        unwanted.insert(unwanted.end(), {"exclusiveMinimum", "exclusiveMaximum"});
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools)
            if (const Json* parameters = member(tool, "parameters"))
                if (auto found = used_keyword(*parameters, unwanted); !found.empty())
                    return ServiceError{.message =
                                            "Schema keyword not supported in tools: " + std::string(found)};
    unwanted.erase(unwanted.begin() + 2);
    if (const Json* format = member(request, "responseFormat"))
        if (auto found = used_keyword(*format, unwanted); !found.empty())
            return ServiceError{.message = "Schema keyword not supported: " + std::string(found)};
    return {};
}

}  // namespace

Refusal check_serving(const Json& serving, const RequestRules& rules, Operation operation, Model& model) {
    const std::string path = "servingMode";
    const std::string_view type = string_member(serving, "servingType");
    const bool dedicated = type == "DEDICATED";
    if (auto refusal = check_object(serving, path,
                                    {{"servingType", true, word({"ON_DEMAND", "DEDICATED"})},
                                     {dedicated ? "endpointId" : "modelId", true, text()}}))
        return refusal;
    const std::string_view id = string_member(serving, dedicated ? "endpointId" : "modelId");
    const auto found = dedicated ? find_endpoint(id, rules.models) : find_model(id, rules.models);
    if (!found) return model_not_found(id);
    if (found->operation != operation && !found->any_operation)
        return ServiceError{.message = "The model " + std::string(id) + " does not support this operation"};
    model = *found;
    return {};
}

ServiceError model_not_found(std::string_view id) {
    ServiceError error{404, "404", "Entity with key " + std::string(id) + " not found"};
    error.numeric_code = true;
    return error;
}

bool compartment_exists(std::string_view id, const RequestRules& rules) {
    if (rules.any_compartment) return true;
    if (!rules.compartments.empty()) return rules.compartments.contains(std::string(id));
    return is_ocid(id, "compartment") || is_ocid(id, "tenancy");
}

Refusal check_chat(const Json& details, const RequestRules& rules, Model& model) {
    if (auto refusal = check_object(details, "",
                                    {{"compartmentId", true, text()},
                                     {"servingMode", true, any_object()},
                                     {"chatRequest", true, any_object()}}))
        return refusal;
    if (!compartment_exists(string_member(details, "compartmentId"), rules)) return usual_error(404);
    if (auto refusal = check_serving(details.at("servingMode"), rules, Operation::chat, model))
        return refusal;

    const Json& request = details.at("chatRequest");
    const Json* format = member(request, "apiFormat");
    if (!format) return missing("chatRequest.apiFormat");
    if (auto refusal = word({"GENERIC", "COHERE", "COHEREV2"})(*format, "chatRequest.apiFormat"))
        return refusal;
    if (*format != name_of(model.format))
        return ServiceError{.message = "Chat request type does not match serving model"};
    switch (model.format) {
        case ApiFormat::cohere: return check_cohere(request, model);
        case ApiFormat::cohere_v2: return check_cohere_v2(request, model);
        case ApiFormat::generic: break;
    }
    static const std::vector<FieldRule> fields = chat_request_fields();
    if (auto refusal = check_object(request, "chatRequest", fields)) return refusal;
    if (member(request, "streamOptions") && !flag(request, "isStream"))
        return invalid("chatRequest.streamOptions", "is for streams only");
    if (auto refusal = check_messages(request.at("messages"), model)) return refusal;
    if (auto refusal = check_quirks(request, model)) return refusal;
    return rules.strict_schemas ? check_schemas(request, model) : Refusal();
}

}  // namespace gatehouse::emulator
