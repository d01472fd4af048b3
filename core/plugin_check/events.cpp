// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/events.hpp"

#include "core/plugin_check/texts.hpp"

#include <cmath>
#include <map>
#include <set>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* finish_rule =
    "event.hpp, Finish; provider.hpp, Exchange::end; local.hpp, LocalProvider::run";

struct Call {
    std::string id, arguments;
    bool custom = false;
};
struct Choice {
    bool finished = false, has_delta = false;
    bool cut = false;  // for its length, and so are the arguments of its last call
    std::map<int, Call> calls;
};

/// Goes through the events in order, as a formatter does.
class Reader {
public:
    Reader(Check& check, const Operation& operation, bool utf8)
        : check_(check), operation_(operation), utf8_(utf8) {}

    void read(const std::vector<Event>& events) {
        for (const Event& event : events) {
            const bool late =
                used_ && !std::holds_alternative<Usage>(event) && !std::holds_alternative<Extra>(event);
            if (late)
                check_.error("usage-order", "an event follows the Usage, which must be the last event",
                             "event.hpp, Usage");
            std::visit([this](const auto& one) { take(one); }, event);
            any_ = true;
        }
        end();
    }

private:
    bool is_chat() const { return std::holds_alternative<ChatRequest>(operation_); }

    Choice& choice(int index) {
        if (index < 0 && !std::exchange(said_choice_, true))
            check_.error("choice", "a choice has a negative number", "event.hpp, first lines");
        auto* chat = std::get_if<ChatRequest>(&operation_);
        if (chat && index >= chat->sampling.n.value_or(1) && !std::exchange(said_choice_, true))
            check_.warning("choice", "a choice was not requested by the client", "event.hpp, first lines");
        return choices_[index];
    }

    Choice& delta(int index, const std::string& text) {
        if (!is_chat())
            check_.error("event-kind", "a chat delta in an answer that is not a chat", "event.hpp");
        Choice& one = choice(index);
        if (one.finished)
            check_.error("after-finish", "an event of a choice follows its Finish", "event.hpp, Finish");
        if (utf8_ && !is_utf8(text))
            check_.warning("delta-utf8", "a delta is not UTF-8: a character was cut", "event.hpp, TextDelta");
        one.has_delta = true;
        return one;
    }

    void take(const AnswerInfo&) {
        if (any_)
            check_.error("info-order", "AnswerInfo is not the first event, or is repeated",
                         "event.hpp, AnswerInfo");
    }
    void take(const TextDelta& one) { delta(one.choice, one.text); }
    void take(const ReasoningDelta& one) { delta(one.choice, one.text); }
    void take(const RefusalDelta& one) { delta(one.choice, one.text); }
    void take(const BlockEnd& one) { delta(one.choice, {}); }
    void take(const ThoughtEnd& one) { delta(one.choice, {}); }
    void take(const OtherBlock& one) {
        delta(one.choice, {});
        check_object("block", "the block of an OtherBlock is not a JSON object",
                     "event.hpp, OtherBlock::json", one.json);
    }
    void take(const ToolCallDelta& one) {
        auto& calls = delta(one.choice, {}).calls;
        auto found = calls.find(one.index);
        if (found == calls.end()) {
            if (one.index != static_cast<int>(calls.size()))
                check_.error("tool-index", "the tool calls of a choice are not counted 0, 1, 2, …",
                             "event.hpp, ToolCallDelta::index", "index " + std::to_string(one.index));
            if (one.id.empty() || one.name.empty())
                check_.error("tool-first", "the first delta of a tool call has no id or no name",
                             "event.hpp, ToolCallDelta");
            for (const auto& [index, other] : calls)
                if (!one.id.empty() && other.id == one.id)
                    check_.error("tool-id", "two tool calls have the same id", "event.hpp, ToolCallDelta",
                                 one.id);
            found = calls.emplace(one.index, Call{one.id, {}, one.custom}).first;
        } else if (!one.id.empty() || !one.name.empty()) {
            check_.error("tool-later", "a later delta of a tool call has an id or a name again",
                         "event.hpp, ToolCallDelta");
        }
        found->second.arguments += one.arguments;
    }
    void take(const LogprobsDelta& one) { delta(one.choice, {}); }
    void take(const Citation& one) {
        delta(one.choice, {});
        if (one.start < 0 || one.end < one.start)
            check_.error("citation", "a citation ends before it starts", "event.hpp, Citation");
    }
    void take(const Finish& one) {
        if (!is_chat())
            check_.error("event-kind", "a Finish in an answer that is not a chat", "event.hpp, Finish");
        Choice& finished = choice(one.choice);
        if (std::exchange(finished.finished, true))
            check_.error("finish-twice", "a choice has two Finish events", "event.hpp, Finish");
        finished.cut = one.reason == FinishReason::length;
        if (one.reason == FinishReason::tool_calls && finished.calls.empty())
            check_.warning("finish-reason", "a choice finishes with tool_calls but has no tool call",
                           "event.hpp, Finish");
    }
    void take(const Usage& one) {
        if (std::exchange(used_, true))
            check_.error("usage-twice", "there are two Usage events", "event.hpp, Usage");
        for (const auto& [index, choice] : choices_)
            if (!choice.finished) check_.error("usage-order", "Usage precedes a Finish", "event.hpp, Usage");
        if (one.prompt < 0 || one.completion < 0 || one.total < 0)
            check_.error("usage-negative", "a number of tokens is negative", "event.hpp, Usage");
    }
    void take(const Embedding& one) {
        auto* request = std::get_if<EmbeddingRequest>(&operation_);
        if (!request)
            return check_.error("event-kind", "an Embedding that was not requested", "event.hpp, Embedding");
        if (one.index < 0 || static_cast<std::size_t>(one.index) >= input_count(*request) ||
            !indices_.insert(one.index).second)
            check_.error("index", "an Embedding's index does not match an input, or is repeated",
                         "event.hpp, Embedding::index", std::to_string(one.index));
        if (one.vector.empty()) check_.error("vector", "an Embedding has no numbers", "event.hpp, Embedding");
    }
    void take(const Ranking& one) {
        auto* request = std::get_if<RerankRequest>(&operation_);
        if (!request)
            return check_.error("event-kind", "a Ranking that was not requested", "event.hpp, Ranking");
        if (one.index < 0 || static_cast<std::size_t>(one.index) >= request->documents.size() ||
            !indices_.insert(one.index).second)
            check_.error("index", "a Ranking's index does not match a document, or is repeated",
                         "event.hpp, Ranking::index", std::to_string(one.index));
        if (score_ && one.score > *score_)
            check_.error("ranking-order", "a Ranking is better than the one before it",
                         "event.hpp, Ranking::index");
        score_ = one.score;
    }
    void take(const ModelInfo& one) {
        if (one.id.empty()) check_.error("model-id", "a model has no id", "event.hpp, ModelInfo");
    }
    void take(const Extra& one) {
        check_object("extra", "the members of an Extra are not a JSON object", "event.hpp, Extra::members",
                     one.members);
    }
    void take(const TokenCount& one) {
        if (!std::holds_alternative<TokenCountRequest>(operation_))
            check_.error("event-kind", "a TokenCount where none was asked for", "event.hpp, TokenCount");
        ++counts_;
        if (one.input < 0)
            check_.error("token-count", "a number of tokens is negative", "event.hpp, TokenCount::input");
    }
    void take(const RawBytes&) {
        if (!std::holds_alternative<RawRequest>(operation_))
            check_.error("event-kind", "RawBytes where none were asked for", "event.hpp, RawBytes");
    }

    void check_object(const char* code, const char* message, const char* source, const JsonText& json) {
        if (!json.text.starts_with('{') || !is_json(json.text))
            check_.error(code, message, source, json.text);
    }

    void end() {
        if (auto* request = std::get_if<EmbeddingRequest>(&operation_))
            if (indices_.size() != input_count(*request))
                check_.error("vectors", "there are not as many Embeddings as inputs", "event.hpp, Embedding");
        if (std::holds_alternative<TokenCountRequest>(operation_) && counts_ != 1)
            check_.error("token-count", "a count of tokens has not exactly one TokenCount",
                         "event.hpp, TokenCount", std::to_string(counts_) + " of them");
        if (!is_chat()) return;
        if (choices_.empty())
            check_.error("finish-missing", "an answer succeeds without a Finish", finish_rule);
        for (const auto& [index, choice] : choices_) {
            if (!choice.finished)
                check_.error("finish-missing", "an answer succeeds without a Finish", finish_rule,
                             "choice " + std::to_string(index));
            for (const auto& [number, call] : choice.calls)
                if (!choice.cut && !call.custom && !call.arguments.empty() && !is_json(call.arguments))
                    check_.error("tool-arguments", "the joined arguments of a tool call are not JSON",
                                 "event.hpp, ToolCallDelta", call.arguments);
        }
    }

    Check& check_;
    const Operation& operation_;
    const bool utf8_;
    int counts_ = 0;
    std::map<int, Choice> choices_;
    std::set<int> indices_;
    std::optional<double> score_;
    bool any_ = false, used_ = false, said_choice_ = false;
};

/// The row as text; see described().
class Writer {
public:
    std::string out;

    void operator()(const AnswerInfo&) { line("info"); }
    void operator()(const TextDelta& one) { part("text", one.choice, 0, one.text); }
    void operator()(const ReasoningDelta& one) { part("reasoning", one.choice, 0, one.text); }
    void operator()(const RefusalDelta& one) { part("refusal", one.choice, 0, one.text); }
    void operator()(const BlockEnd&) { line("block end"); }
    void operator()(const ThoughtEnd& one) { line("thought end " + one.signature); }
    void operator()(const OtherBlock& one) { line("block " + one.type); }
    void operator()(const ToolCallDelta& one) {
        if (!one.name.empty() || !one.id.empty())
            line("call " + std::to_string(one.choice) + "/" + std::to_string(one.index) + " " + one.name);
        part("arguments", one.choice, one.index, one.arguments);
    }
    void operator()(const LogprobsDelta& one) {
        for (const TokenLogprob& token : one.tokens) part("logprobs", one.choice, 0, token.token + " ");
    }
    void operator()(const Citation& one) { line("citation " + one.url); }
    void operator()(const Finish& one) {
        line("finish " + std::to_string(one.choice) + " " + std::to_string(static_cast<int>(one.reason)));
    }
    void operator()(const Usage& one) {
        line("usage " + std::to_string(one.prompt) + " " + std::to_string(one.completion));
    }
    void operator()(const Embedding& one) {
        line("embedding " + std::to_string(one.index) + " of " + std::to_string(one.vector.size()));
    }
    void operator()(const Ranking& one) { line("ranking " + std::to_string(one.index)); }
    void operator()(const TokenCount& one) { line("tokens " + std::to_string(one.input)); }
    void operator()(const RawBytes& one) { part("bytes", 0, 0, one.bytes); }
    void operator()(const ModelInfo& one) { line("model " + one.id); }
    void operator()(const Extra& one) { line("extra " + one.members.text); }

private:
    void line(const std::string& text) {
        if (!out.empty()) out += '\n';
        out += text;
        last_.clear();
    }
    void part(const char* kind, int choice, int index, const std::string& text) {
        if (text.empty()) return;
        const std::string name =
            std::string(kind) + " " + std::to_string(choice) + "/" + std::to_string(index) + " ";
        if (last_ != name) line(name);
        last_ = name;
        out += text;
    }
    std::string last_;
};

}  // namespace

void check_events(Check& check, const std::vector<Event>& events, const Operation& operation, bool utf8) {
    Reader(check, operation, utf8).read(events);
}

std::string described(const std::vector<Event>& events) {
    Writer writer;
    for (const Event& event : events) std::visit(writer, event);
    return std::move(writer.out);
}

std::string text_of(const std::vector<Event>& events) {
    std::string joined;
    for (const Event& event : events)
        if (auto* delta = std::get_if<TextDelta>(&event)) joined += delta->text;
    return joined;
}

}  // namespace gatehouse::core::plugin_check
