// SPDX-License-Identifier: Apache-2.0
// A non-streaming chat.
#include "plugins/dialect/openai/response_formatter.hpp"
#include "plugins/dialect/openai/whole_answer.hpp"

#include <algorithm>
#include <vector>

namespace gatehouse::openai_dialect {

namespace {

struct WholeCall {
    int index = 0;
    std::string id = {}, name = {}, arguments = {};
};

struct WholeChoice : ChoiceState {
    std::string text = {}, reasoning = {}, refusal = {};
    std::vector<WholeCall> calls = {};
    std::string logprobs = {}, annotations = {};  // elements of arrays, as JSON
    Unknown in_message = {};
};

class WholeFormatter final : public WholeAnswer<WholeChoice> {
public:
    explicit WholeFormatter(std::shared_ptr<const AnswerFacts> facts)
        : WholeAnswer(std::move(facts), "chat.completion") {}

    void event(const Event& event, std::string&) override {
        std::visit([&](const auto& one) { on(one); }, event);
    }

private:
    using WholeAnswer::on;

    void on(const TextDelta& delta) { append(&WholeChoice::text, delta.text, delta.choice); }
    void on(const ReasoningDelta& delta) { append(&WholeChoice::reasoning, delta.text, delta.choice); }
    void on(const RefusalDelta& delta) { append(&WholeChoice::refusal, delta.text, delta.choice); }

    void on(const ToolCallDelta& delta) {
        WholeChoice* choice = open(delta.choice);
        if (!choice) return;
        auto call = std::find_if(choice->calls.rbegin(), choice->calls.rend(),
                                 [&](const WholeCall& known) { return known.index == delta.index; });
        if (call == choice->calls.rend()) {
            choice->calls.push_back({.index = delta.index, .id = delta.id, .name = delta.name});
            choice->called = true;
            call = choice->calls.rbegin();
        }
        call->arguments += delta.arguments;
    }

    void on(const LogprobsDelta& delta) {
        WholeChoice* choice = delta.tokens.empty() ? nullptr : open(delta.choice);
        if (!choice) return;
        if (!choice->logprobs.empty()) choice->logprobs += ',';
        append_logprobs(choice->logprobs, delta.tokens);
    }

    void on(const Citation& citation) {
        WholeChoice* choice = open(citation.choice);
        if (!choice) return;
        std::string annotation;
        append_annotation(annotation, citation);
        add_annotations(*choice, annotation);
    }

    static void add_annotations(WholeChoice& choice, const std::string& list) {
        if (!choice.annotations.empty() && !list.empty()) choice.annotations += ',';
        choice.annotations += list;
    }

    void on(const Extra& extra) {
        if (extra.place == Extra::Place::answer && !fingerprint_)
            fingerprint_ = extra.members.text.find("\"system_fingerprint\"") != std::string::npos;
        if (extra.place != Extra::Place::message) return WholeAnswer::on(extra);
        WholeChoice* choice = open(extra.choice);
        if (!choice) return;
        add_members(choice->in_message, extra);
        add_annotations(*choice, annotations_in(extra));
    }

    void write_last(JsonWriter& json) const override {
        if (!fingerprint_) json.key("system_fingerprint").null();
    }

    void write(WholeChoice& choice, JsonWriter& json, std::string& out) const override {
        json.key("message").begin_object();
        json.member("role", "assistant").key("content");
        choice.text.empty() && !choice.calls.empty() ? json.null() : json.value(choice.text);
        if (!choice.reasoning.empty()) json.member("reasoning_content", choice.reasoning);
        json.key("refusal");
        choice.refusal.empty() ? json.null() : json.value(choice.refusal);
        if (!choice.annotations.empty())
            json.key("annotations").begin_array().raw(choice.annotations).end_array();
        if (!choice.calls.empty())
            facts().functions ? write_function_call(choice, json) : write_calls(choice, json);
        append_members(out, choice.in_message);
        json.end_object().key("logprobs");
        if (choice.logprobs.empty()) {
            json.null();
            return;
        }
        json.begin_object().key("content").begin_array().raw(choice.logprobs).end_array();
        json.key("refusal").null().end_object();
    }

    static void write_called(const WholeCall& call, JsonWriter& json) {
        json.begin_object().member("name", call.name);
        json.member("arguments", call.arguments.empty() ? std::string_view("{}") : call.arguments)
            .end_object();
    }
    static void write_calls(const WholeChoice& choice, JsonWriter& json) {
        json.key("tool_calls").begin_array();
        for (const WholeCall& call : choice.calls) {
            json.begin_object().member("id", call.id.empty() ? random_id("call_") : call.id);
            json.member("type", "function").key("function");
            write_called(call, json);
            json.end_object();
        }
        json.end_array();
    }
    // The older form, which has only one call.
    static void write_function_call(const WholeChoice& choice, JsonWriter& json) {
        json.key("function_call");
        write_called(choice.calls.front(), json);
    }

    bool fingerprint_ = false;  // the upstream's own is among the unknown members
};

}  // namespace

std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<WholeFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
