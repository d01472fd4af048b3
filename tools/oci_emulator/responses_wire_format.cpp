// SPDX-License-Identifier: Apache-2.0
// Writes the model's output in the format of the Responses API: one object, or events in order.
#include "tools/oci_emulator/wire_format.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

Json usage_of_response(const ChatCall& call, const Answer& answer) {
    const Json usage = usage_of(call, answer);
    return {{"input_tokens", usage.at("promptTokens")},
            {"input_tokens_details", {{"cached_tokens", 0}}},
            {"output_tokens", answer.tokens},
            {"output_tokens_details", {{"reasoning_tokens", answer.reasoning_tokens}}},
            {"total_tokens", usage.at("promptTokens").get<std::int64_t>() + answer.tokens}};
}

bool is_custom(const ChatCall& call, const std::string& tool) {
    return std::ranges::count(call.custom_tools, tool) > 0;
}

/// The reason for an incomplete response; empty: it is complete.
std::string cut_reason(const Answer& answer) {
    if (answer.finish == "content_filter") return "content_filter";
    return answer.cut_by_limit || answer.finish == "length" ? "max_output_tokens" : "";
}

Json output_text_part(std::string text) {
    return {{"type", "output_text"},
            {"text", std::move(text)},
            {"annotations", Json::array()},
            {"logprobs", Json::array()}};
}

/// Makes the items of the output, and their events.
class Output {
public:
    Output(const ChatCall& call, const Answer& answer) : call_(call), answer_(answer) {
        add("response.created", {{"response", response("in_progress")}});
        add("response.in_progress", {{"response", response("in_progress")}});
        if (!answer.reasoning.empty()) add_thought();
        if (answer.calls.empty() || !answer.words.empty()) add_message();
        for (const SaidCall& said : answer.calls) add_call(said);
        const std::string cut = cut_reason(answer);
        add(cut.empty() ? "response.completed" : "response.incomplete", {{"response", whole()}});
    }

    Json whole() const {
        const std::string cut = cut_reason(answer_);
        Json out = response(cut.empty() ? "completed" : "incomplete");
        if (!cut.empty()) out["incomplete_details"] = {{"reason", cut}};
        out["usage"] = usage_of_response(call_, answer_);
        return out;
    }
    std::vector<StreamEvent> take_events() { return std::move(events_); }

private:
    Json response(const char* status) const {
        Json out = call_.envelope;
        out["status"] = status;
        out["background"] = false;
        out["error"] = nullptr;
        out["incomplete_details"] = nullptr;
        out["output"] = items_;
        out["usage"] = nullptr;
        if (!call_.unknown.empty()) out["x_unknown"] = call_.unknown;
        return out;
    }

    void add(const char* type, Json members, bool is_word = false) {
        Json event = {{"type", type}, {"sequence_number", events_.size()}};
        event.update(members);
        events_.push_back({to_text(event), is_word, type});
    }

    std::string item_id(const char* prefix) const {
        return prefix + call_.envelope.at("id").get<std::string>().substr(5) + std::to_string(items_.size());
    }

    void begin(const Json& item) {
        add("response.output_item.added", {{"output_index", items_.size()}, {"item", item}});
    }
    void end(Json item) {
        add("response.output_item.done", {{"output_index", items_.size()}, {"item", item}});
        items_.push_back(std::move(item));
    }
    Json at(const Json& item) const { return {{"item_id", item.at("id")}, {"output_index", items_.size()}}; }
    static Json joined_json(Json place, const Json& more) {
        place.update(more);
        return place;
    }

    void add_thought() {
        Json item = {{"id", item_id("rs_")}, {"type", "reasoning"}, {"summary", Json::array()}};
        begin(item);
        const Json place = joined_json(at(item), {{"summary_index", 0}});
        const auto part = [](std::string text) {
            return Json{{"type", "summary_text"}, {"text", std::move(text)}};
        };
        add("response.reasoning_summary_part.added", joined_json(place, {{"part", part("")}}));
        for (const std::string& word : answer_.reasoning)
            add("response.reasoning_summary_text.delta", joined_json(place, {{"delta", word}}));
        const std::string text = joined(answer_.reasoning);
        add("response.reasoning_summary_text.done", joined_json(place, {{"text", text}}));
        add("response.reasoning_summary_part.done", joined_json(place, {{"part", part(text)}}));
        item["summary"].push_back(part(text));
        if (call_.encrypts) item["encrypted_content"] = "emulated:" + std::to_string(text.size());
        end(std::move(item));
    }

    void add_message() {
        Json item = {{"id", item_id("msg_")},
                     {"type", "message"},
                     {"status", "in_progress"},
                     {"role", "assistant"},
                     {"content", Json::array()}};
        begin(item);
        const Json place = joined_json(at(item), {{"content_index", 0}});
        add("response.content_part.added", joined_json(place, {{"part", output_text_part("")}}));
        for (const std::string& word : answer_.words)
            add("response.output_text.delta",
                joined_json(place, {{"delta", word}, {"logprobs", Json::array()}}), true);
        const std::string text = joined(answer_.words);
        add("response.output_text.done", joined_json(place, {{"text", text}, {"logprobs", Json::array()}}));
        add("response.content_part.done", joined_json(place, {{"part", output_text_part(text)}}));
        item["content"].push_back(output_text_part(text));
        item["status"] = cut_reason(answer_).empty() ? "completed" : "incomplete";
        end(std::move(item));
    }

    void add_call(const SaidCall& said) {
        const bool custom = is_custom(call_, said.name);
        const char* const name = custom ? "input" : "arguments";
        const std::string stem =
            custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
        Json item = {{"id", item_id(custom ? "ctc_" : "fc_")},
                     {"type", custom ? "custom_tool_call" : "function_call"},
                     {"status", "in_progress"},
                     {"call_id", said.id},
                     {"name", said.name},
                     {name, ""}};
        begin(item);
        for (const std::string& piece : said.arguments)
            add((stem + ".delta").c_str(), joined_json(at(item), {{"delta", piece}}), true);
        const std::string text = joined(said.arguments);
        add((stem + ".done").c_str(), joined_json(at(item), {{name, text}}));
        item[name] = text;
        item["status"] = "completed";
        end(std::move(item));
    }

    const ChatCall& call_;
    const Answer& answer_;
    Json items_ = Json::array();
    std::vector<StreamEvent> events_;
};

}  // namespace

std::vector<StreamEvent> responses_events(const ChatCall& call, const Answer& answer) {
    return Output(call, answer).take_events();
}

std::string responses_error_event() {
    return to_text({{"type", "error"},
                    {"sequence_number", 99},
                    {"code", "server_error"},
                    {"message", "Internal Server Error"},
                    {"param", nullptr}});
}

std::string responses_answer(const ChatCall& call, const Answer& answer) {
    return to_text(Output(call, answer).whole());
}

}  // namespace gatehouse::emulator
