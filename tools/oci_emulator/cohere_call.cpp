// SPDX-License-Identifier: Apache-2.0
// Reads the model's input from a checked COHERE or COHEREV2 request.
#include "tools/oci_emulator/call.hpp"

#include <map>

namespace gatehouse::emulator {

namespace {

// Approximate limit of Cohere's models without maxTokens.
constexpr std::int64_t default_words = 20;

std::string text_of_outputs(const Json& result) {
    std::string text;
    for (const Json& output : result.at("outputs")) {
        if (!text.empty()) text += ' ';
        const std::string_view said = string_member(output, "output");
        text += said.empty() ? to_text(output) : std::string(said);
    }
    return text;
}

void add_result(const Json& result, ChatCall& call) {
    call.tool_results.push_back(text_of_outputs(result));
    call.sources.push_back({{}, result.at("outputs"), true});
}

void add_user_text(std::string_view text, ChatCall& call) {
    call.user_text = text;
    if (!call.new_user_text.empty()) call.new_user_text += '\n';
    call.new_user_text += text;
}

// Returns the JSON schema of a Python type's name.
Json schema_of(const Json& tool) {
    static const std::map<std::string_view, const char*> types = {{"str", "string"},   {"int", "integer"},
                                                                  {"float", "number"}, {"bool", "boolean"},
                                                                  {"list", "array"},   {"dict", "object"}};
    Json schema = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
    if (const Json* parameters = member(tool, "parameterDefinitions"))
        for (const auto& [name, parameter] : parameters->items()) {
            schema["properties"][name] = {{"type", types.at(string_member(parameter, "type"))}};
            if (flag(parameter, "isRequired")) schema["required"].push_back(name);
        }
    return schema;
}

void read_documents(const Json& request, ChatCall& call) {
    const Json* documents = member(request, "documents");
    if (!documents) return;
    for (const Json& document : *documents) {
        const std::string_view id = string_member(document, "id");
        call.sources.push_back(
            {id.empty() ? "doc_" + std::to_string(call.sources.size()) : std::string(id), document});
    }
}

}  // namespace

void read_cohere(const Json& request, ChatCall& call) {
    if (!call.max_words) call.max_words = default_words;
    read_documents(request, call);
    call.search_queries_only = flag(request, "isSearchQueriesOnly");
    call.prompt_words = count_words(string_member(request, "preambleOverride"));
    if (const Json* history = member(request, "chatHistory")) call.history = *history;
    for (const Json& entry : call.history) {
        const std::string_view role = string_member(entry, "role"), text = string_member(entry, "message");
        call.prompt_words += count_words(text) + 3;
        if (role == "CHATBOT") {
            call.new_user_text.clear();
            call.tool_results.clear();
            std::erase_if(call.sources, [](const Source& source) { return source.tool; });
        }
        if (role == "USER") add_user_text(text, call);
        if (role == "TOOL")
            for (const Json& result : entry.at("toolResults")) add_result(result, call);
    }
    if (const std::string_view message = string_member(request, "message"); !message.empty()) {
        add_user_text(message, call);
        call.prompt_words += count_words(message) + 3;
        call.history.push_back({{"role", "USER"}, {"message", message}});
        if (flag(request, "isEcho")) call.echo = message;
    }
    if (const Json* results = member(request, "toolResults"); results && !results->empty()) {
        for (const Json& result : *results) add_result(result, call);
        call.history.push_back({{"role", "TOOL"}, {"toolResults", *results}});
    }
    for (const std::string& result : call.tool_results) call.prompt_words += count_words(result);
    call.cites = !call.sources.empty();
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools)
            call.tools.push_back({std::string(string_member(tool, "name")), schema_of(tool)});
}

void read_cohere_v2(const Json& request, ChatCall& call) {
    if (!call.max_words) call.max_words = default_words;
    read_documents(request, call);
    call.search_queries_only = flag(request, "isSearchQueriesOnly");
    const Json* thinking = member(request, "thinking");
    call.reasons = call.model.always_reasons && !(thinking && string_member(*thinking, "type") == "DISABLED");
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools) {
            const Json& function = tool.at("function");
            const Json* parameters = member(function, "parameters");
            call.tools.push_back(
                {std::string(string_member(function, "name")), parameters ? *parameters : Json::object()});
        }
    const std::string_view choice = string_member(request, "toolsChoice");
    if (choice == "NONE") call.choice = ChatCall::Choice::none;
    if (choice == "REQUIRED") call.choice = ChatCall::Choice::required;
    read_messages(request.at("messages"), call);
    const Json* options = member(request, "citationOptions");
    call.cites = !call.sources.empty() && !(options && string_member(*options, "mode") == "OFF");
}

}  // namespace gatehouse::emulator
