// SPDX-License-Identifier: Apache-2.0
// A whole answer: collects the events of each choice, writes them at the end.
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace gatehouse::openai {

namespace {

struct Call {
    int index = 0;
    std::string id = {}, name = {}, arguments = {};
};

struct Choice {
    std::string text = {}, reasoning = {}, refusal = {};
    std::vector<Call> calls = {};
    std::string logprobs = {}, annotations = {};  // elements of arrays, as JSON
    Unknown beside = {}, in_message = {};
    std::optional<FinishReason> finish = {};
};

class WholeFormatter final : public ResponseFormatter {
public:
    explicit WholeFormatter(std::shared_ptr<const AnswerFacts> facts) : facts_(std::move(facts)) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override { return {status_, {{"content-type", "application/json"}}}; }

    void event(const Event& event, std::string&) override {
        std::visit([&](const auto& one) { on(one); }, event);
    }

    void end(std::string& out) override {
        const bool complete =
            !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                             [](const auto& c) { return c.second.finish.has_value(); });
        if (!complete)
            return error({ErrorKind::upstream, "the upstream ended its answer without a finish reason"}, out);
        JsonWriter json(out);
        json.begin_object().member("id", facts_->id).member("object", "chat.completion");
        json.member("created", facts_->created).member("model", facts_->model).key("choices").begin_array();
        for (auto& [index, choice] : choices_) write(index, choice, json, out);
        json.end_array();
        if (usage_) {
            json.key("usage").raw({});
            append_usage(out, *usage_);
        }
        if (!service_tier_.empty()) json.member("service_tier", service_tier_);
        if (!fingerprint_) json.key("system_fingerprint").null();
        append_members(out, beside_);
        json.end_object();
    }

    void error(const Error& error, std::string& out) override {
        status_ = status_of(error);
        append_error(error, out);
    }

private:
    void on(const AnswerInfo& info) { service_tier_ = info.service_tier; }
    void on(const TextDelta& delta) { append(&Choice::text, delta.text, delta.choice); }
    void on(const ReasoningDelta& delta) { append(&Choice::reasoning, delta.text, delta.choice); }
    void on(const RefusalDelta& delta) { append(&Choice::refusal, delta.text, delta.choice); }

    void on(const ToolCallDelta& delta) {
        Choice* choice = open(delta.choice);
        if (!choice) return;
        auto call = std::find_if(choice->calls.rbegin(), choice->calls.rend(),
                                 [&](const Call& known) { return known.index == delta.index; });
        if (call == choice->calls.rend()) {
            choice->calls.push_back({.index = delta.index, .id = delta.id, .name = delta.name});
            call = choice->calls.rbegin();
        }
        call->arguments += delta.arguments;
    }

    void on(const LogprobsDelta& delta) {
        Choice* choice = delta.tokens.empty() ? nullptr : open(delta.choice);
        if (!choice) return;
        if (!choice->logprobs.empty()) choice->logprobs += ',';
        append_logprobs(choice->logprobs, delta.tokens);
    }

    void on(const Citation& citation) {
        Choice* choice = open(citation.choice);
        if (!choice) return;
        if (!choice->annotations.empty()) choice->annotations += ',';
        append_annotation(choice->annotations, citation);
    }

    void on(const Finish& finish) {
        if (Choice* choice = open(finish.choice)) choice->finish = finish.reason;
    }
    void on(const Usage& usage) { usage_ = usage; }

    void on(const Extra& extra) {
        if (extra.place == Extra::Place::answer) {
            fingerprint_ =
                fingerprint_ || extra.members.text.find("\"system_fingerprint\"") != std::string::npos;
            return add_members(beside_, extra);
        }
        Choice* choice = open(extra.choice);
        if (choice)
            add_members(extra.place == Extra::Place::choice ? choice->beside : choice->in_message, extra);
    }

    // Not part of a chat.
    void on(const Embedding&) {}
    void on(const Ranking&) {}
    void on(const ModelInfo&) {}

    // Null if nothing may be added to it (any more).
    Choice* open(int index) {
        if (index < 0 || index >= max_choices) return nullptr;
        Choice& choice = choices_[index];
        return choice.finish ? nullptr : &choice;
    }

    void append(std::string Choice::*member, const std::string& text, int index) {
        if (text.empty()) return;
        if (Choice* choice = open(index)) choice->*member += text;
    }

    void write(int index, Choice& choice, JsonWriter& json, std::string& out) const {
        json.begin_object().member("index", index).key("message").begin_object();
        json.member("role", "assistant").key("content");
        choice.text.empty() && !choice.calls.empty() ? json.null() : json.value(choice.text);
        if (!choice.reasoning.empty()) json.member("reasoning_content", choice.reasoning);
        json.key("refusal");
        choice.refusal.empty() ? json.null() : json.value(choice.refusal);
        if (!choice.annotations.empty())
            json.key("annotations").begin_array().raw(choice.annotations).end_array();
        if (!choice.calls.empty())
            facts_->functions ? write_function_call(choice, json) : write_calls(choice, json);
        append_members(out, choice.in_message);
        json.end_object().key("logprobs");
        if (choice.logprobs.empty())
            json.null();
        else
            json.begin_object()
                .key("content")
                .begin_array()
                .raw(choice.logprobs)
                .end_array()
                .key("refusal")
                .null()
                .end_object();
        json.member("finish_reason", finish_word(*choice.finish, !choice.calls.empty(), facts_->functions));
        append_members(out, choice.beside);
        json.end_object();
    }

    static void write_called(const Call& call, JsonWriter& json) {
        json.begin_object().member("name", call.name);
        json.member("arguments", call.arguments.empty() ? std::string_view("{}") : call.arguments)
            .end_object();
    }
    static void write_calls(const Choice& choice, JsonWriter& json) {
        json.key("tool_calls").begin_array();
        for (const Call& call : choice.calls) {
            json.begin_object().member("id", call.id.empty() ? random_id("call_") : call.id);
            json.member("type", "function").key("function");
            write_called(call, json);
            json.end_object();
        }
        json.end_array();
    }
    // The older form, which has room for one call.
    static void write_function_call(const Choice& choice, JsonWriter& json) {
        json.key("function_call");
        write_called(choice.calls.front(), json);
    }

    const std::shared_ptr<const AnswerFacts> facts_;
    std::map<int, Choice> choices_;
    std::optional<Usage> usage_;
    std::string service_tier_;
    Unknown beside_;            // members of the answer itself
    bool fingerprint_ = false;  // the upstream's own is among them
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<WholeFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai
