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
    bool custom = false;
    std::string extra = {}, inner_extra = {};  // members, each with a comma before it
};

struct WholeChoice : ChoiceState {
    std::string text = {}, reasoning = {}, refusal = {};
    std::vector<WholeCall> calls = {};
    std::string logprobs = {}, refusal_logprobs = {}, annotations = {};  // elements of arrays, as JSON
    std::string logprobs_extra = {};  // members, each with a comma before it
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
            choice->calls.push_back(
                {.index = delta.index, .id = delta.id, .name = delta.name, .custom = delta.custom});
            choice->called = true;
            call = choice->calls.rbegin();
        }
        call->arguments += delta.arguments;
        append_extra(call->extra, delta.extra);
        append_extra(call->inner_extra, delta.inner_extra);
    }

    void on(const LogprobsDelta& delta) {
        WholeChoice* choice = open(delta.choice);
        if (!choice) return;
        append_extra(choice->logprobs_extra, delta.extra);
        if (delta.tokens.empty()) return;
        std::string& list = delta.refusal ? choice->refusal_logprobs : choice->logprobs;
        if (!list.empty()) list += ',';
        append_logprobs(list, delta.tokens);
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
            fingerprint_ = members_on_one_line(extra).find("\"system_fingerprint\"") != std::string::npos;
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
            facts().functions ? write_function_call(choice, json, out) : write_calls(choice, json, out);
        append_members(out, choice.in_message);
        json.end_object().key("logprobs");
        if (choice.logprobs.empty() && choice.refusal_logprobs.empty() && choice.logprobs_extra.empty()) {
            json.null();
            return;
        }
        json.begin_object();
        write_list(json, "content", choice.logprobs);
        write_list(json, "refusal", choice.refusal_logprobs);
        out += choice.logprobs_extra;
        json.end_object();
    }

    static void write_list(JsonWriter& json, std::string_view name, const std::string& elements) {
        json.key(name);
        if (elements.empty())
            json.null();
        else
            json.begin_array().raw(elements).end_array();
    }

    static void write_called(const WholeCall& call, JsonWriter& json, std::string& out) {
        json.begin_object().member("name", call.name);
        if (call.custom)
            json.member("input", call.arguments);
        else
            json.member("arguments", call.arguments.empty() ? std::string_view("{}") : call.arguments);
        out += call.inner_extra;
        json.end_object();
    }
    static void write_calls(const WholeChoice& choice, JsonWriter& json, std::string& out) {
        json.key("tool_calls").begin_array();
        for (const WholeCall& call : choice.calls) {
            const std::string_view kind = call.custom ? "custom" : "function";
            json.begin_object().member("id", call.id.empty() ? random_id("call_") : call.id);
            json.member("type", kind).key(kind);
            write_called(call, json, out);
            out += call.extra;
            json.end_object();
        }
        json.end_array();
    }
    // The older form, which has only one call.
    static void write_function_call(const WholeChoice& choice, JsonWriter& json, std::string& out) {
        json.key("function_call");
        write_called(choice.calls.front(), json, out);
    }

    bool fingerprint_ = false;  // the upstream's own is among the unknown members
};

}  // namespace

std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<WholeFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
