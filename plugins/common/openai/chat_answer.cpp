// SPDX-License-Identifier: Apache-2.0
// `delta` of a chunk and `message` of a non-streaming response have the same members, so
// one reader handles both.
#include "plugins/common/openai/chat_answer.hpp"

#include "plugins/common/openai/answer_frame.hpp"
#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/upstream/answer_parts.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gatehouse::openai_format {

namespace dom = upstream::dom;
using upstream::array;
using upstream::Choice;
using upstream::integer;
using upstream::member;
using upstream::object;
using upstream::string;
using upstream::string_member;

namespace {

class Reader final : public AnswerFrame {
public:
    explicit Reader(std::string_view who) : AnswerFrame(who, upstream::Choices::most) {}

private:
    Result<void> read_choice(dom::object from, std::int64_t position, EventSink& events) override {
        const auto delta = member(from, "delta");
        const auto message = delta ? delta : member(from, "message");
        const bool whole = message && !delta;

        const auto index = number_of(from, position, whole);
        if (!index) return index.error();
        Choice& choice = choices_.at(*index);
        const int number = static_cast<int>(*index);

        std::string beside =
            unknown_members(from, {"index", "delta", "message", "finish_reason", "logprobs", "text"});
        if (!beside.empty()) events.emit(Extra{Extra::Place::choice, {std::move(beside)}, number});
        if (message) {
            const auto inner = object(*message);
            if (!inner) return garbage(whole ? "'message' is not an object" : "'delta' is not an object");
            if (auto ok = read_message(*inner, choice, number, whole, events); !ok) return ok;
        }
        if (const auto logprobs = member(from, "logprobs"))
            if (auto tokens = read_logprobs(*logprobs); !tokens.empty())
                events.emit(LogprobsDelta{std::move(tokens), number});
        if (auto ok = read_finish(from, choice); !ok) return ok;
        if (whole && !choice.finish) choice.finish = FinishReason::stop;
        return {};
    }

    // --- a message or a delta ---

    Result<void> read_message(dom::object from, Choice& choice, int number, bool whole, EventSink& events) {
        std::string beside = unknown_members(from, {"role", "content", "reasoning_content", "reasoning",
                                                    "refusal", "tool_calls", "function_call", "annotations"});
        if (!beside.empty()) events.emit(Extra{Extra::Place::message, {std::move(beside)}, number});

        // DeepSeek and vLLM use one name, OpenRouter and Ollama the other.  Some send both.
        std::string_view reasoning = string_member(from, "reasoning_content");
        if (reasoning.empty()) reasoning = string_member(from, "reasoning");
        if (!reasoning.empty()) events.emit(ReasoningDelta{std::string(reasoning), number});

        if (const auto content = member(from, "content"))
            if (auto ok = read_content(*content, number, events); !ok) return ok;
        if (const auto refusal = string_member(from, "refusal"); !refusal.empty())
            events.emit(RefusalDelta{std::string(refusal), number});

        if (const auto listed = member(from, "tool_calls")) {
            const auto calls = array(*listed);
            if (!calls) return garbage("'tool_calls' is not an array");
            for (dom::element element : *calls) {
                const auto call = object(element);
                if (!call) return garbage("one of 'tool_calls' is not an object");
                if (auto ok = read_call(*call, choice, whole, events); !ok) return ok;
            }
        }
        if (const auto older = member(from, "function_call")) {
            const auto called = object(*older);
            if (!called) return garbage("'function_call' is not an object");
            if (auto ok = read_called(*called, {}, 0, choice, false, events); !ok) return ok;
        }
        if (const auto annotations = member(from, "annotations"))
            for (Citation& citation : read_citations(*annotations, number)) events.emit(std::move(citation));
        return {};
    }

    /// A string, or an array of text parts; Mistral's has thinking parts too.
    Result<void> read_content(dom::element content, int number, EventSink& events) const {
        if (const auto text = string(content)) {
            if (!text->empty()) events.emit(TextDelta{std::string(*text), number});
            return {};
        }
        const auto parts = array(content);
        if (!parts) return garbage("'content' is neither a string nor an array");
        for (dom::element element : *parts) {
            const auto part = object(element);
            if (!part) return garbage("a part of 'content' is not an object");
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
            if (!place || *place < 0) return garbage("'index' is not the number of a tool call");
        }
        const auto function = member(call, "function");
        const auto called = function ? object(*function) : std::nullopt;
        if (!called && string_member(call, "type") == "custom")
            return Error{ErrorKind::upstream,
                         "the model called a custom tool, which the gateway cannot pass on"};
        // Some servers send the members of the inner object next to the id.
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
};

}  // namespace

std::unique_ptr<upstream::AnswerReader> make_reader(std::string_view who) {
    return std::make_unique<Reader>(who);
}

}  // namespace gatehouse::openai_format
