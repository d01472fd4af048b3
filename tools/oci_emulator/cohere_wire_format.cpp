// SPDX-License-Identifier: Apache-2.0
// Writes Cohere's own formats: COHERE as recorded, COHEREV2 as its schema and the
// tests of other projects have it (plugins/provider/oci/PROTOCOL.md, sections 3.3,
// 3.4, 4.4 and 4.5).
#include "tools/oci_emulator/wire_format.hpp"

namespace gatehouse::emulator {

namespace {

bool is_v2(const ChatCall& call) { return call.model.format == ApiFormat::cohere_v2; }

// A call that the limit cut is omitted, because its object would be incomplete.
Json calls_v1(const Answer& answer) {
    Json calls = Json::array();
    for (const SaidCall& said : answer.calls) {
        auto parameters = parse_json(joined(said.arguments));
        if (!parameters) continue;
        calls.push_back({{"name", said.name},
                         {"parameters", parameters->is_object() ? *std::move(parameters)
                                                                : Json{{"value", *std::move(parameters)}}}});
    }
    return calls;
}

Json calls_v2(const Answer& answer) {
    Json calls = Json::array();
    for (const SaidCall& said : answer.calls)
        calls.push_back({{"id", said.id},
                         {"type", "FUNCTION"},
                         {"function", {{"name", said.name}, {"arguments", joined(said.arguments)}}}});
    return calls;
}

std::string text_of(const Answer& answer) {
    return answer.calls.empty() ? joined(answer.words) : answer.plan;
}

std::size_t letters(std::string_view text) {
    std::size_t count = 0;
    for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

// One citation of a repeated text, with all possible sources.
Json citations(const ChatCall& call, const Answer& answer) {
    Json all = Json::array();
    const std::string& quoted = call.tool_results.empty() ? call.user_text : call.tool_results.front();
    const std::string text = joined(answer.words);
    const std::size_t at = quoted.empty() || !call.cites ? std::string::npos : text.find(quoted);
    if (at == std::string::npos) return all;
    const std::size_t start = letters(std::string_view(text).substr(0, at));
    Json citation = {{"start", start}, {"end", start + letters(quoted)}, {"text", quoted}};
    if (is_v2(call)) {
        citation["contentIndex"] = answer.reasoning.empty() ? 0 : 1;
        citation["type"] = "TEXT_CONTENT";
    }
    for (const Source& source : call.sources)
        if (is_v2(call))
            citation["sources"].push_back(
                source.tool
                    ? Json{{"type", "TOOL"}, {"tool", {{"id", source.id}, {"toolOutput", source.content}}}}
                    : Json{{"type", "DOCUMENT"},
                           {"document", {{"id", source.id}, {"document", source.content}}}});
        else if (!source.tool)  // results of tools have no ids in this format
            citation["documentIds"].push_back(source.id);
    all.push_back(std::move(citation));
    return all;
}

Json cited_documents(const ChatCall& call) {
    Json documents = Json::array();
    for (const Source& source : call.sources)
        if (!source.tool) documents.push_back(source.content);
    return documents;
}

// Members that the non-streaming response and the last event share.
Json last_of_v1(const ChatCall& call, const Answer& answer) {
    const std::string text = text_of(answer);
    const Json calls = calls_v1(answer), cited = citations(call, answer);
    Json response = {{"apiFormat", "COHERE"}, {"text", text}, {"chatHistory", call.history}};
    Json turn = {{"role", "CHATBOT"}, {"message", text}};
    if (!calls.empty()) turn["toolCalls"] = calls;
    response["chatHistory"].push_back(std::move(turn));
    response["finishReason"] = finish_reason(call, answer);
    if (answer.finish.starts_with("ERROR")) response["errorMessage"] = "the answer could not be completed";
    if (!cited.empty()) {
        response["citations"] = cited;
        if (const Json documents = cited_documents(call); !documents.empty())
            response["documents"] = documents;
    }
    if (!calls.empty()) response["toolCalls"] = calls;
    if (call.search_queries_only) {
        response["isSearchRequired"] = true;
        response["searchQueries"] = Json::array({Json{{"text", call.user_text}}});
    }
    if (!call.echo.empty()) response["prompt"] = call.echo;
    return response;
}

std::vector<StreamEvent> events_v1(const ChatCall& call, const Answer& answer, const Pad& pad) {
    std::vector<StreamEvent> events;
    const auto add = [&](const char* name, Json value, bool is_word) {
        Json event = {{"apiFormat", "COHERE"}};
        event[name] = std::move(value);
        event["pad"] = pad();
        events.push_back({to_text(event), is_word});
    };
    for (const std::string& word : answer.calls.empty() ? answer.words : words_of(answer.plan))
        add("text", word, true);
    if (Json calls = calls_v1(answer); !calls.empty()) add("toolCalls", std::move(calls), true);
    if (Json cited = citations(call, answer); !cited.empty()) add("citations", std::move(cited), false);
    Json last = last_of_v1(call, answer);
    last["pad"] = pad();
    if (call.include_usage) last["usage"] = usage_of(call, answer);
    events.push_back({to_text(last), false});
    return events;
}

std::vector<StreamEvent> events_v2(const ChatCall& call, const Answer& answer, const Pad& pad) {
    std::vector<StreamEvent> events;
    const auto add = [&](const char* name, Json value) {
        Json event = {{"apiFormat", "COHEREV2"}, {"message", {{"role", "ASSISTANT"}}}};
        event["message"][name] = std::move(value);
        if (std::string_view(name) == "toolCalls") event["message"]["toolPlan"] = answer.plan;
        event["pad"] = pad();
        events.push_back({to_text(event), true});
    };
    for (const std::string& word : answer.reasoning)
        add("content", Json::array({Json{{"type", "THINKING"}, {"thinking", word}}}));
    for (const std::string& word : answer.words)
        add("content", Json::array({Json{{"type", "TEXT"}, {"text", word}}}));
    for (Json& call_entry : calls_v2(answer)) add("toolCalls", Json::array({std::move(call_entry)}));
    if (Json cited = citations(call, answer); !cited.empty()) add("citations", std::move(cited));
    Json last = {{"apiFormat", "COHEREV2"},
                 {"message", {{"role", "ASSISTANT"}}},
                 {"finishReason", finish_reason(call, answer)}};
    if (call.include_usage) last["usage"] = usage_of(call, answer);
    last["pad"] = pad();
    events.push_back({to_text(last), false});
    return events;
}

Json response_v2(const ChatCall& call, const Answer& answer) {
    Json message = {{"role", "ASSISTANT"}, {"content", Json::array()}};
    if (!answer.reasoning.empty())
        message["content"].push_back({{"type", "THINKING"}, {"thinking", joined(answer.reasoning)}});
    if (answer.calls.empty())
        message["content"].push_back({{"type", "TEXT"}, {"text", joined(answer.words)}});
    if (!answer.calls.empty()) {
        message["toolPlan"] = answer.plan;
        message["toolCalls"] = calls_v2(answer);
    }
    if (Json cited = citations(call, answer); !cited.empty()) message["citations"] = std::move(cited);
    Json response = {{"apiFormat", "COHEREV2"},
                     {"id", answer.id},
                     {"message", std::move(message)},
                     {"finishReason", finish_reason(call, answer)}};
    if (answer.finish.starts_with("ERROR")) response["errorMessage"] = "the answer could not be completed";
    response["usage"] = usage_of(call, answer);
    return response;
}

}  // namespace

Json cohere_finish_reason(const ChatCall& call, const Answer& answer) {
    if (answer.cut_by_limit) return "MAX_TOKENS";
    if (is_v2(call))
        return !answer.calls.empty() ? "TOOL_CALL" : answer.stopped ? "STOP_SEQUENCE" : "COMPLETE";
    if (!call.stop.empty() && answer.calls.empty()) return nullptr;  // as recorded
    return "COMPLETE";
}

std::vector<StreamEvent> cohere_events(const ChatCall& call, const Answer& answer, const Pad& pad) {
    return is_v2(call) ? events_v2(call, answer, pad) : events_v1(call, answer, pad);
}

Json cohere_response(const ChatCall& call, const Answer& answer) {
    if (is_v2(call)) return response_v2(call, answer);
    Json response = last_of_v1(call, answer);
    response["usage"] = usage_of(call, answer);
    return response;
}

}  // namespace gatehouse::emulator
