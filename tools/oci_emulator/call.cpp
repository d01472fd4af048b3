// SPDX-License-Identifier: Apache-2.0
// Reads the model's input from a checked request.
#include "tools/oci_emulator/call.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

std::string text_of(const Json& message) {
    std::string text;
    if (const Json* content = member(message, "content"))
        for (const Json& part : *content)
            if (string_member(part, "type") == "TEXT") text += string_member(part, "text");
    return text;
}

void read_tools(const Json& request, ChatCall& call) {
    if (const Json* tools = member(request, "tools"))
        for (const Json& tool : *tools) {
            const Json* parameters = member(tool, "parameters");
            call.tools.push_back(
                {std::string(string_member(tool, "name")), parameters ? *parameters : Json::object()});
        }
    call.parallel = flag(request, "isParallelToolCalls", true);
    const Json* choice = member(request, "toolChoice");
    const std::string_view type = choice ? string_member(*choice, "type") : "AUTO";
    call.choice = type == "NONE"       ? ChatCall::Choice::none
                  : type == "REQUIRED" ? ChatCall::Choice::required
                  : type == "FUNCTION" ? ChatCall::Choice::named
                                       : ChatCall::Choice::automatic;
    if (choice) call.chosen_tool = string_member(*choice, "name");
}

void read_generic(const Json& request, ChatCall& call) {
    const auto integer = [&](const char* name, std::int64_t otherwise) {
        const Json* value = member(request, name);
        return value ? value->get<std::int64_t>() : otherwise;
    };
    call.answers = static_cast<int>(std::clamp<std::int64_t>(integer("numGenerations", 1), 1, 128));
    call.top_logprobs = static_cast<int>(std::clamp<std::int64_t>(integer("logProbs", 0), 0, 20));
    const std::string_view effort = string_member(request, "reasoningEffort");
    call.reasons =
        call.model.always_reasons || (call.model.can_reason && !effort.empty() && effort != "NONE");
    call.searches = call.model.vendor == Vendor::google && member(request, "webSearchOptions");
    read_tools(request, call);
    read_messages(request.at("messages"), call);
}

}  // namespace

std::int64_t count_words(std::string_view text) {
    std::int64_t count = 0;
    bool inside = false;
    for (char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        count += !blank && !inside;
        inside = !blank;
    }
    return count;
}

void read_messages(const Json& messages, ChatCall& call) {
    std::size_t start = messages.size();  // after the last assistant message
    while (start > 0 && string_member(messages[start - 1], "role") != "ASSISTANT") --start;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Json& message = messages[i];
        const std::string_view role = string_member(message, "role");
        const std::string text = text_of(message);
        call.prompt_words += count_words(text) + 3;
        if (role == "USER") call.user_text = text;
        if (i < start) continue;
        if (role == "TOOL") {
            call.tool_results.push_back(text);
            call.sources.push_back(
                {std::string(string_member(message, "toolCallId")), {{"output", text}}, true});
        }
        if (role != "USER") continue;
        if (!call.new_user_text.empty()) call.new_user_text += '\n';
        call.new_user_text += text;
        for (const Json& part : message.at("content")) {
            if (const Json* image = member(part, "imageUrl"))
                call.images.emplace_back(string_member(*image, "url"));
            if (const Json* document = member(part, "document"))
                call.sources.push_back({"doc_" + std::to_string(call.sources.size()), *document});
        }
    }
}

ChatCall read_call(const Json& details, const Model& model) {
    const Json& request = details.at("chatRequest");
    ChatCall call{.model = model};
    call.stream = flag(request, "isStream");
    if (const Json* options = member(request, "streamOptions"))
        call.include_usage = flag(*options, "isIncludeUsage");
    for (const char* limit : {"maxTokens", "maxCompletionTokens"})
        if (const Json* value = member(request, limit)) call.max_words = value->get<std::int64_t>();
    for (const char* name : {"stop", "stopSequences"})
        if (const Json* stop = member(request, name))
            for (const Json& one : *stop) call.stop.push_back(one.get<std::string>());
    if (const Json* format = member(request, "responseFormat")) {
        call.wants_json = string_member(*format, "type") != "TEXT";
        if (const Json* inner = member(*format, "jsonSchema"))
            if (const Json* schema = member(*inner, "schema")) call.schema = *schema;
        if (const Json* schema = member(*format, "schema")) call.schema = *schema;
    }
    switch (model.format) {
        case ApiFormat::generic: read_generic(request, call); break;
        case ApiFormat::cohere: read_cohere(request, call); break;
        case ApiFormat::cohere_v2: read_cohere_v2(request, call); break;
    }
    return call;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t word = std::min(text.find_first_not_of(" \n\r\t", start), text.size());
        std::size_t end = std::min(text.find_first_of(" \n\r\t", word), text.size());
        if (text.find_first_not_of(" \n\r\t", end) == std::string_view::npos) end = text.size();
        words.emplace_back(text.substr(start, end - start));
        start = end;
    }
    return words;
}

}  // namespace gatehouse::emulator
