// SPDX-License-Identifier: Apache-2.0
// Writes the model's output in OpenAI's format: one object or chunks.
#include "tools/oci_emulator/wire_format.hpp"

namespace gatehouse::emulator {

namespace {

Json envelope_of(const ChatCall& call, const char* object) {
    Json envelope = call.envelope;
    envelope["object"] = object;
    return envelope;
}

Json usage_in_openai(const ChatCall& call, const Answer& answer) {
    const Json usage = usage_of(call, answer);
    const std::int64_t thought = answer.reasoning_tokens * call.answers;
    return {{"prompt_tokens", usage.at("promptTokens")},
            {"completion_tokens", usage.at("completionTokens")},
            {"total_tokens", usage.at("totalTokens")},
            {"completion_tokens_details", {{"reasoning_tokens", thought}}},
            {"prompt_tokens_details", {{"cached_tokens", 0}}}};
}

std::string reason(const Answer& answer) {
    if (!answer.finish.empty()) return answer.finish;
    return answer.cut_by_limit ? "length" : answer.calls.empty() ? "stop" : "tool_calls";
}

// The deltas of one choice, in order, without the finish.
std::vector<Json> deltas_of(const Answer& answer) {
    std::vector<Json> deltas = {{{"role", "assistant"}, {"content", ""}}};
    for (const std::string& word : answer.reasoning) deltas.push_back({{"reasoning_content", word}});
    for (const std::string& word : answer.words) deltas.push_back({{"content", word}});
    const auto add_call = [&](Json entry) {
        deltas.push_back({{"tool_calls", Json::array({std::move(entry)})}});
    };
    for (std::size_t i = 0; i < answer.calls.size(); ++i) {
        const SaidCall& call = answer.calls[i];
        add_call({{"index", i},
                  {"id", call.id},
                  {"type", "function"},
                  {"function", {{"name", call.name}, {"arguments", ""}}}});
        for (const std::string& piece : call.arguments)
            add_call({{"index", i}, {"function", Json::object({{"arguments", piece}})}});
    }
    return deltas;
}

}  // namespace

std::vector<StreamEvent> openai_events(const ChatCall& call, const Answer& answer) {
    std::vector<StreamEvent> events;
    const auto add = [&](int choice, Json delta, Json finish, bool is_word) {
        Json chunk = envelope_of(call, "chat.completion.chunk");
        chunk["choices"] = Json::array(
            {Json{{"index", choice}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish)}}});
        if (events.empty() && !call.unknown.empty()) chunk["x_unknown"] = call.unknown;
        events.push_back({to_text(chunk), is_word});
    };
    for (const Json& delta : deltas_of(answer))
        for (int choice = 0; choice < call.answers; ++choice) add(choice, delta, nullptr, choice == 0);
    for (int choice = 0; choice < call.answers; ++choice) add(choice, Json::object(), reason(answer), false);
    return events;
}

std::string openai_usage_event(const ChatCall& call, const Answer& answer) {
    Json chunk = envelope_of(call, "chat.completion.chunk");
    chunk["choices"] = Json::array();
    chunk["usage"] = usage_in_openai(call, answer);
    return to_text(chunk);
}

std::string openai_error_event() {
    return to_text({{"error",
                     {{"message", "Internal Server Error"},
                      {"type", "server_error"},
                      {"param", nullptr},
                      {"code", nullptr}}}});
}

std::string openai_answer(const ChatCall& call, const Answer& answer) {
    Json message = {{"role", "assistant"},
                    {"content", answer.calls.empty() ? Json(joined(answer.words)) : Json()},
                    {"refusal", nullptr}};
    if (!answer.reasoning.empty()) message["reasoning_content"] = joined(answer.reasoning);
    for (const SaidCall& said : answer.calls)
        message["tool_calls"].push_back(
            {{"id", said.id},
             {"type", "function"},
             {"function", {{"name", said.name}, {"arguments", joined(said.arguments)}}}});
    Json whole = envelope_of(call, "chat.completion");
    whole["choices"] = Json::array();
    for (int choice = 0; choice < call.answers; ++choice)
        whole["choices"].push_back({{"index", choice},
                                    {"message", message},
                                    {"logprobs", nullptr},
                                    {"finish_reason", reason(answer)}});
    whole["usage"] = usage_in_openai(call, answer);
    if (!call.unknown.empty()) whole["x_unknown"] = call.unknown;
    return to_text(whole);
}

}  // namespace gatehouse::emulator
