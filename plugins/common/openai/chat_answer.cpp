// SPDX-License-Identifier: Apache-2.0
// A chunk of a stream has `delta` where a whole answer has `message`, with the
// same members: so one reader does for both.
#include "plugins/common/openai/chat_answer.hpp"

#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/choices.hpp"

#include <gatehouse/json_writer.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::openai_chat {

namespace dom = upstream::dom;
using upstream::array;
using upstream::Choice;
using upstream::Choices;
using upstream::integer;
using upstream::integer_member;
using upstream::member;
using upstream::object;
using upstream::string;
using upstream::string_member;

namespace {

class Reader final : public upstream::AnswerReader {
public:
    explicit Reader(std::string_view who) : who_(who) {}

    Result<void> read(dom::object top, EventSink& events) override {
        read_info(top, events);
        read_beside(top, events);
        // Usage comes with the last chunk, in one of its own, or with every chunk.
        if (const auto usage = member(top, "usage"))
            if (auto read = read_usage(*usage)) usage_ = *read;

        if (const auto listed = member(top, "choices")) {
            const auto choices = array(*listed);
            if (!choices) return garbage("'choices' is no array");
            std::int64_t position = 0;
            for (dom::element element : *choices) {
                const auto choice = object(element);
                if (!choice) return garbage("one of 'choices' is no object");
                if (auto ok = read_choice(*choice, position++, events); !ok) return ok;
            }
        }
        // Behind a usage comes nothing more, and not every server hangs up.
        return usage_ && choices_.all_finished() ? choices_.close(events) : Result<void>();
    }

    Result<void> finish(EventSink& events) override {
        if (!choices_.all_finished()) return upstream::unfinished(who_, "finish reason");
        if (auto ok = choices_.close(events); !ok) return ok;
        if (usage_) events.emit(*usage_);
        return {};
    }

    Result<void> done(EventSink& events) override {
        // Who says [DONE] has not been cut off; some forget the reason.
        choices_.finish_all(FinishReason::stop);
        return finish(events);
    }

private:
    static constexpr std::size_t max_beside = 64, max_beside_bytes = 4096;  // that are remembered

    Error garbage(const std::string& what) const { return upstream::garbage(who_, what); }

    // --- the answer as a whole ---

    void read_info(dom::object top, EventSink& events) {
        if (std::exchange(begun_, true)) return;
        AnswerInfo info;
        info.created = std::max<std::int64_t>(0, integer_member(top, "created").value_or(0));
        if (const auto tier = string_member(top, "service_tier"); tier.size() <= 32) info.service_tier = tier;
        if (info.created || !info.service_tier.empty()) events.emit(std::move(info));
    }

    /// Members that the vocabulary does not know.  Most are the same in every
    /// chunk, and are told once.
    void read_beside(dom::object top, EventSink& events) {
        std::string members;
        for (const auto [name, value] : top) {
            if (value.is_null() || is_known(name)) continue;
            std::string text = simdjson::minify(value);
            const auto last = beside_.find(name);
            if (last != beside_.end() && last->second == text) continue;
            members += members.empty() ? '{' : ',';
            append_json_string(members, name);
            members.append(":").append(text);
            if (text.size() > max_beside_bytes) continue;
            if (last != beside_.end())
                last->second = std::move(text);
            else if (beside_.size() < max_beside && name.size() <= max_beside_bytes)
                beside_.emplace(name, std::move(text));
        }
        if (!members.empty()) events.emit(Extra{Extra::Place::answer, {members + "}"}, 0});
    }

    static bool is_known(std::string_view name) {
        // `obfuscation` and `pad` only hide how long the texts are.
        for (std::string_view known : {"id", "object", "created", "model", "choices", "usage", "service_tier",
                                       "obfuscation", "pad", "error"})
            if (name == known) return true;
        return false;
    }

    // --- a choice ---

    Result<void> read_choice(dom::object from, std::int64_t position, EventSink& events) {
        const auto delta = member(from, "delta");
        const auto message = delta ? delta : member(from, "message");
        const bool whole = message && !delta;

        std::int64_t index = whole ? position : 0;
        if (const auto given = member(from, "index")) {
            const auto number = integer(*given);
            if (!number || *number < 0 || *number >= Choices::most)
                return garbage("'index' is no number of a choice");
            // Some say 0 for each.
            if (!whole || !choices_.seen(*number)) index = *number;
        }
        if (index >= Choices::most) return garbage("it has too many choices");
        Choice& choice = choices_.at(index);
        const int number = static_cast<int>(index);

        std::string beside =
            unknown_members(from, {"index", "delta", "message", "finish_reason", "logprobs", "text"});
        if (!beside.empty()) events.emit(Extra{Extra::Place::choice, {std::move(beside)}, number});
        if (message) {
            const auto inner = object(*message);
            if (!inner) return garbage(whole ? "'message' is no object" : "'delta' is no object");
            if (auto ok = read_message(*inner, choice, number, whole, events); !ok) return ok;
        }
        if (const auto logprobs = member(from, "logprobs"))
            if (auto tokens = read_logprobs(*logprobs); !tokens.empty())
                events.emit(LogprobsDelta{std::move(tokens), number});
        return read_finish(from, choice, whole);
    }

    Result<void> read_finish(dom::object from, Choice& choice, bool whole) const {
        const auto given = member(from, "finish_reason");
        const auto word = given ? string(*given) : std::nullopt;
        if (given && !word) return garbage("'finish_reason' is no string");
        if (word && !word->empty() && *word != "null") {
            const auto reason = read_finish_reason(*word);
            if (!reason)
                return Error{ErrorKind::upstream,
                             "the model failed in the middle of its answer (finish reason " +
                                 std::string(word->substr(0, 64)) + ")"};
            if (!choice.finish) choice.finish = *reason;
        } else if (whole && !choice.finish) {
            choice.finish = FinishReason::stop;
        }
        return {};
    }

    // --- a message or a delta ---

    Result<void> read_message(dom::object from, Choice& choice, int number, bool whole, EventSink& events) {
        std::string beside = unknown_members(from, {"role", "content", "reasoning_content", "reasoning",
                                                    "refusal", "tool_calls", "function_call", "annotations"});
        if (!beside.empty()) events.emit(Extra{Extra::Place::message, {std::move(beside)}, number});

        // DeepSeek and vLLM call it the one, OpenRouter and Ollama the other; some both.
        std::string_view reasoning = string_member(from, "reasoning_content");
        if (reasoning.empty()) reasoning = string_member(from, "reasoning");
        if (!reasoning.empty()) events.emit(ReasoningDelta{std::string(reasoning), number});

        if (const auto content = member(from, "content"))
            if (auto ok = read_content(*content, number, events); !ok) return ok;
        if (const auto refusal = string_member(from, "refusal"); !refusal.empty())
            events.emit(RefusalDelta{std::string(refusal), number});

        if (const auto listed = member(from, "tool_calls")) {
            const auto calls = array(*listed);
            if (!calls) return garbage("'tool_calls' is no array");
            for (dom::element element : *calls) {
                const auto call = object(element);
                if (!call) return garbage("one of 'tool_calls' is no object");
                if (auto ok = read_call(*call, choice, whole, events); !ok) return ok;
            }
        }
        if (const auto older = member(from, "function_call")) {
            const auto called = object(*older);
            if (!called) return garbage("'function_call' is no object");
            if (auto ok = read_called(*called, {}, 0, choice, false, events); !ok) return ok;
        }
        if (const auto annotations = member(from, "annotations"))
            for (Citation& citation : read_citations(*annotations, number)) events.emit(std::move(citation));
        return {};
    }

    /// A string, or parts: of text, and at Mistral's of thoughts.
    Result<void> read_content(dom::element content, int number, EventSink& events) const {
        if (const auto text = string(content)) {
            if (!text->empty()) events.emit(TextDelta{std::string(*text), number});
            return {};
        }
        const auto parts = array(content);
        if (!parts) return garbage("'content' is neither a string nor an array");
        for (dom::element element : *parts) {
            const auto part = object(element);
            if (!part) return garbage("a part of 'content' is no object");
            if (const auto text = string_member(*part, "text"); !text.empty())
                events.emit(TextDelta{std::string(text), number});
            const auto thoughts = member(*part, "thinking");
            const auto inner = thoughts ? array(*thoughts) : std::nullopt;
            if (!inner) continue;
            for (dom::element thought : *inner)
                if (const auto one = object(thought))
                    if (const auto text = string_member(*one, "text"); !text.empty())
                        events.emit(ReasoningDelta{std::string(text), number});
        }
        return {};
    }

    Result<void> read_call(dom::object call, Choice& choice, bool whole, EventSink& events) {
        std::optional<std::int64_t> place;
        if (const auto index = member(call, "index")) {
            place = integer(*index);
            if (!place || *place < 0) return garbage("'index' is no number of a tool call");
        }
        const auto function = member(call, "function");
        const auto called = function ? object(*function) : std::nullopt;
        if (!called && string_member(call, "type") == "custom")
            return Error{ErrorKind::upstream,
                         "the model called a custom tool, which the gateway cannot pass on"};
        // Without the inner object some servers have its members beside the id.
        return read_called(called ? *called : call, string_member(call, "id"), place, choice, whole, events);
    }

    Result<void> read_called(dom::object called, std::string_view id, std::optional<std::int64_t> place,
                             Choice& choice, bool whole, EventSink& events) {
        const std::string_view name = string_member(called, "name");
        std::string written;
        std::string_view arguments;
        if (const auto value = member(called, "arguments")) {
            const auto text = upstream::text_or_json(*value, written);
            if (!text) return garbage("'arguments' is neither a string nor an object");
            arguments = *text;
        }
        if (whole) return choice.calls.add_whole(id, name, arguments, events);
        return place ? choice.calls.add_at(*place, id, name, arguments, events)
                     : choice.calls.add(id, name, arguments, events);
    }

    const std::string_view who_;
    Choices choices_;
    std::optional<Usage> usage_;
    std::map<std::string, std::string, std::less<>> beside_;  // told last, as JSON
    bool begun_ = false;
};

}  // namespace

std::unique_ptr<upstream::AnswerReader> make_reader(std::string_view who) {
    return std::make_unique<Reader>(who);
}

}  // namespace gatehouse::openai_chat
