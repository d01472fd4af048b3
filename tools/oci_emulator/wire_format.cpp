// SPDX-License-Identifier: Apache-2.0
// The events of each vendor.  Every form has a recorded fixture.
#include "tools/oci_emulator/wire_format.hpp"

#include <algorithm>
#include <numeric>

namespace gatehouse::emulator {

namespace {

Json text_part(const std::string& text) { return {{"type", "TEXT"}, {"text", text}}; }

// Google sends several parts per event; a split must not fall within a UTF-8
// sequence.
Json content_of(const std::string& word, Vendor vendor) {
    std::size_t half = word.size() / 2;
    while (half < word.size() && (static_cast<unsigned char>(word[half]) & 0xC0) == 0x80) ++half;
    if (vendor == Vendor::google && half > 0 && half < word.size())
        return Json::array({text_part(word.substr(0, half)), text_part(word.substr(half))});
    return Json::array({text_part(word)});
}

// The message of one event of a tool call, in the order of the vendor's own members.
std::vector<Json> call_messages(const SaidCall& call, Vendor vendor) {
    const Json empty_text = Json::array({text_part("")});
    std::vector<Json> messages;
    const auto bare = [&](Json entry) {
        messages.push_back({{"role", "ASSISTANT"}, {"toolCalls", Json::array({std::move(entry)})}});
    };
    const auto beside_text = [&](Json content, Json entry) {
        messages.push_back({{"role", "ASSISTANT"},
                            {"content", std::move(content)},
                            {"toolCalls", Json::array({std::move(entry)})}});
    };
    switch (vendor) {
        case Vendor::xai:  // whole, without a type
            beside_text(empty_text,
                        {{"id", call.id}, {"name", call.name}, {"arguments", joined(call.arguments)}});
            break;
        case Vendor::google:  // whole, without an id; the text part has no text
            beside_text(Json::array({Json{{"type", "TEXT"}}}),
                        {{"type", "FUNCTION"}, {"name", call.name}, {"arguments", joined(call.arguments)}});
            break;
        case Vendor::gpt_oss:  // the first piece has id and name, but no type
            beside_text(empty_text, {{"id", call.id},
                                     {"name", call.name},
                                     {"arguments", call.arguments.empty() ? "" : call.arguments.front()}});
            for (std::size_t i = 1; i < call.arguments.size(); ++i)
                beside_text(empty_text, {{"arguments", call.arguments[i]}});
            break;
        case Vendor::openai:  // opened with empty arguments, then pieces with neither id nor name
            bare({{"type", "FUNCTION"}, {"id", call.id}, {"name", call.name}, {"arguments", ""}});
            for (const std::string& piece : call.arguments)
                bare({{"type", "FUNCTION"}, {"arguments", piece}});
            break;
        case Vendor::meta:
        case Vendor::cohere:
        case Vendor::imported:  // opened without arguments; an empty piece at the end
            bare({{"type", "FUNCTION"}, {"id", call.id}, {"name", call.name}});
            for (const std::string& piece : call.arguments)
                bare({{"type", "FUNCTION"}, {"arguments", piece}});
            bare({{"type", "FUNCTION"}, {"arguments", ""}});
            break;
    }
    return messages;
}

// The shape is that of the typings; the real range may count bytes.
Json grounding_of(const Answer& answer) {
    const Json source = {
        {"uri", "https://search.example/1"}, {"title", "Result 1"}, {"domain", "search.example"}};
    const Json segment = {
        {"startIndex", 0}, {"endIndex", joined(answer.words).size()}, {"text", joined(answer.words)}};
    return {{"webSearchQueries", Json::array({"query"})},
            {"searchEntryPoint", {{"renderedContent", "<div>search</div>"}}},
            {"groundingChunks", Json::array({Json{{"web", source}}})},
            {"groundingSupports",
             Json::array({Json{{"segment", segment}, {"groundingChunkIndices", Json::array({0})}}})}};
}

Json finish_event(const ChatCall& call, const Answer& answer, int choice) {
    Json event = Json::object();
    if (choice) event["index"] = choice;  // absent means 0
    switch (call.model.vendor) {
        case Vendor::meta:
            event["message"] = {{"role", "ASSISTANT"}};
            if (answer.calls.empty())
                event["message"]["content"] = Json::array({text_part("")});
            else
                event["message"]["toolCalls"] = Json::array({Json{{"type", "FUNCTION"}, {"arguments", ""}}});
            break;
        case Vendor::imported:  // the last word is on the finish event
            event["message"] = {{"role", "ASSISTANT"}};
            if (!answer.words.empty())
                event["message"]["content"] = Json::array({text_part(answer.words.back())});
            break;
        case Vendor::openai: event["message"] = {{"role", "ASSISTANT"}}; break;
        case Vendor::xai:
        case Vendor::google:
        case Vendor::gpt_oss:
        case Vendor::cohere: break;
    }
    event["finishReason"] = finish_reason(call, answer);
    if (call.searches) event["groundingMetadata"] = grounding_of(answer);
    return event;
}

// The messages of one choice, in order, without the finish.
std::vector<Json> messages_of(const ChatCall& call, const Answer& answer) {
    const Vendor vendor = call.model.vendor;
    std::vector<Json> messages;
    if (vendor == Vendor::meta || vendor == Vendor::imported || vendor == Vendor::gpt_oss)
        messages.push_back({{"role", "ASSISTANT"}, {"content", Json::array({text_part("")})}});
    for (const std::string& word : answer.reasoning)
        messages.push_back({{"role", "ASSISTANT"}, {"reasoningContent", word}});
    const std::size_t words = answer.words.size() - (vendor == Vendor::imported && !answer.words.empty());
    for (std::size_t i = 0; i < words; ++i)
        messages.push_back({{"role", "ASSISTANT"}, {"content", content_of(answer.words[i], vendor)}});
    for (const SaidCall& said : answer.calls)
        for (Json& message : call_messages(said, vendor)) messages.push_back(std::move(message));
    return messages;
}

Json whole_message(const ChatCall& call, const Answer& answer) {
    const Vendor vendor = call.model.vendor;
    Json message = {{"role", "ASSISTANT"}};
    if (answer.calls.empty())
        message["content"] = vendor == Vendor::google ? content_of(joined(answer.words), vendor)
                                                      : Json::array({text_part(joined(answer.words))});
    else if (vendor == Vendor::google)
        message["content"] = Json::array({Json{{"type", "TEXT"}}});
    if (!answer.reasoning.empty()) message["reasoningContent"] = joined(answer.reasoning);
    for (const SaidCall& said : answer.calls) {
        Json one = {{"type", "FUNCTION"}};
        if (vendor != Vendor::google) one["id"] = said.id;
        one["name"] = said.name;
        one["arguments"] = joined(said.arguments);
        message["toolCalls"].push_back(std::move(one));
    }
    if (answer.calls.empty() && vendor == Vendor::meta) message["toolCalls"] = Json::array();
    if (vendor == Vendor::openai) message["annotations"] = Json::array();
    return message;
}

// OpenAI's older layout: parallel arrays.
Json logprobs(const ChatCall& call, const Answer& answer) {
    Json out = Json::object();
    if (!call.top_logprobs || answer.words.empty()) return out;
    std::size_t offset = 0;
    for (const std::string& word : answer.words) {
        out["textOffset"].push_back(offset);
        out["tokenLogprobs"].push_back(-0.25);
        out["tokens"].push_back(word);
        Json top = {{word, -0.25}};
        for (int i = 1; i < call.top_logprobs; ++i) top["other" + std::to_string(i)] = -2.5 - i;
        out["topLogprobs"].push_back(std::move(top));
        offset += word.size();
    }
    return out;
}

}  // namespace

std::string joined(const std::vector<std::string>& pieces) {
    return std::accumulate(pieces.begin(), pieces.end(), std::string());
}

Json usage_of(const ChatCall& call, const Answer& answer) {
    const std::int64_t said = answer.tokens * call.answers;
    // xAI's reasoning tokens count in the total, but not in the completion.
    const bool apart = call.model.vendor == Vendor::xai;
    const std::int64_t thought = answer.reasoning_tokens * call.answers,
                       completion = apart ? said - thought : said;
    Json out = {{"completionTokens", completion},
                {"promptTokens", call.prompt_words},
                {"totalTokens", call.prompt_words + said}};
    if (call.model.vendor == Vendor::openai || call.model.vendor == Vendor::gpt_oss || apart) {
        out["completionTokensDetails"] = {{"acceptedPredictionTokens", 0}, {"reasoningTokens", thought}};
        out["promptTokensDetails"] = {{"cachedTokens", 0}};
    }
    return out;
}

Json finish_reason(const ChatCall& call, const Answer& answer) {
    if (answer.finish == "null") return nullptr;
    if (!answer.finish.empty()) return answer.finish;
    if (call.model.format != ApiFormat::generic) return cohere_finish_reason(call, answer);
    if (answer.cut_by_limit) return "length";
    return answer.calls.empty() || call.model.vendor == Vendor::google ? "stop" : "tool_calls";
}

std::vector<StreamEvent> stream_events(const ChatCall& call, const Answer& answer, const Pad& pad) {
    if (call.is_response) return responses_events(call, answer);
    if (!call.envelope.is_null()) return openai_events(call, answer);
    if (call.model.format != ApiFormat::generic) return cohere_events(call, answer, pad);
    std::vector<StreamEvent> events;
    const std::vector<Json> messages = messages_of(call, answer);
    events.reserve((messages.size() + 1) * static_cast<std::size_t>(call.answers));
    // Several answers alternate word by word, as in the service.
    for (const Json& message : messages)
        for (int choice = 0; choice < call.answers; ++choice) {
            Json event = {{"index", choice}, {"message", message}};
            event["pad"] = pad();
            events.push_back({to_text(event), choice == 0});
        }
    for (int choice = 0; choice < call.answers; ++choice) {
        Json event = finish_event(call, answer, choice);
        event["pad"] = pad();
        events.push_back({to_text(event), call.model.vendor == Vendor::imported && choice == 0});
    }
    return events;
}

std::string error_event(const ChatCall& call, const std::string& said, const Pad& pad) {
    if (call.is_response) return responses_error_event();
    if (!call.envelope.is_null()) return openai_error_event();
    if (call.model.format == ApiFormat::cohere)
        return to_text({{"apiFormat", "COHERE"},
                        {"text", said},
                        {"chatHistory", Json::array()},
                        {"finishReason", "ERROR"},
                        {"errorMessage", "internal error"},
                        {"pad", pad()}});
    if (call.model.format == ApiFormat::cohere_v2)
        return to_text({{"apiFormat", "COHEREV2"},
                        {"message", {{"role", "ASSISTANT"}}},
                        {"finishReason", "ERROR"},
                        {"errorMessage", "internal error"},
                        {"pad", pad()}});
    return R"({"code":"500","message":"Internal Server Error"})";
}

std::string usage_event(const ChatCall& call, const Answer& answer, const Pad& pad) {
    if (!call.envelope.is_null()) return openai_usage_event(call, answer);
    return to_text({{"usage", usage_of(call, answer)}, {"pad", pad()}});
}

std::string whole_answer(const ChatCall& call, const Answer& answer, const std::string& now) {
    if (call.is_response) return responses_answer(call, answer);
    if (!call.envelope.is_null()) return openai_answer(call, answer);
    if (call.model.format != ApiFormat::generic)
        return to_text({{"modelId", call.model.id},
                        {"modelVersion", "1.0"},
                        {"chatResponse", cohere_response(call, answer)}});
    Json choices = Json::array();
    for (int choice = 0; choice < call.answers; ++choice) {
        choices.push_back({{"index", choice},
                           {"message", whole_message(call, answer)},
                           {"finishReason", finish_reason(call, answer)},
                           {"logprobs", logprobs(call, answer)}});
        if (call.searches) choices.back()["groundingMetadata"] = grounding_of(answer);
    }
    Json response = {{"apiFormat", "GENERIC"},
                     {"timeCreated", now},
                     {"choices", std::move(choices)},
                     {"usage", usage_of(call, answer)}};
    if (call.model.vendor == Vendor::openai) response["serviceTier"] = "DEFAULT";
    return to_text(
        {{"modelId", call.model.id}, {"modelVersion", "1.0.0"}, {"chatResponse", std::move(response)}});
}

}  // namespace gatehouse::emulator
