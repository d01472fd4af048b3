// SPDX-License-Identifier: Apache-2.0
// `delta` of a chunk and `message` of a non-streaming response have the same members, so
// one reader handles both.  A message after deltas repeats them; only its new text is emitted.
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
using upstream::object_member;
using upstream::string;
using upstream::string_member;
using upstream::unknown_members;

namespace {

class ChatAnswerReader final : public AnswerFrame {
public:
    ChatAnswerReader(std::string_view who, bool wants_usage)
        : AnswerFrame(who, upstream::Choices::most, wants_usage) {}

private:
    Result<void> read_choice(dom::object from, std::int64_t position, EventSink& events) override {
        auto delta = member(from, "delta");
        // Some servers put a complete message next to an empty delta.
        const auto empty = delta ? object(*delta) : std::nullopt;
        if (empty && empty->size() == 0 && object_member(from, "message")) delta = {};
        const auto message = delta ? delta : member(from, "message");
        const bool whole = message && !delta;

        const auto index = number_of(from, position, whole);
        if (!index) return index.error();
        Choice& choice = choices_.at(*index);
        const int number = static_cast<int>(*index);
        const std::size_t before = choice.pieces();

        std::string beside = unknown_members(
            from, {"index", "delta", "message", "finish_reason", "logprobs", "text"}, choice.nulls);
        if (!beside.empty()) events.emit(Extra{Extra::Place::choice, {std::move(beside)}, number});
        if (message) {
            const auto inner = object(*message);
            if (!inner) return garbage(whole ? "'message' is not an object" : "'delta' is not an object");
            if (auto ok = read_message(*inner, choice, number, how_sent(from, choice, whole), events); !ok)
                return ok;
        }
        if (!(whole && choice.in_pieces && choice.has_logprobs)) emit_logprobs(from, choice, number, events);
        if (auto ok = read_finish(from, choice); !ok) return ok;
        if (whole && !choice.finish) imply_finish(choice);
        if (!whole) note_end(choice, before);
        return {};
    }

    /// A complete message needs no finish reason.  Another message may follow.
    static void imply_finish(Choice& choice) {
        choice.finish = FinishReason::stop;
        (choice.in_pieces ? choice.says_more : choice.implied) = true;
    }

    enum class Sent {
        piece,     // a delta
        whole,     // a complete message
        repeated,  // a complete message behind deltas
        another,   // a message behind messages: a piece, or all of them again
        last,      // the same, with a finish reason
    };
    static Sent how_sent(dom::object from, Choice& choice, bool whole) {
        if (!whole) {
            choice.in_pieces = true;
            return Sent::piece;
        }
        if (choice.in_pieces) return Sent::repeated;
        const bool last = !string_member(from, "finish_reason").empty();
        return choice.pieces() == 0 ? Sent::whole : last ? Sent::last : Sent::another;
    }

    /// The part of `text` to emit.
    static std::string_view news(upstream::TextSoFar& so_far, std::string_view text, Sent sent) {
        if (text.empty()) return text;
        const bool behind_messages = sent == Sent::another || sent == Sent::last;
        const bool repeats = sent == Sent::repeated ||
                             (behind_messages && text.size() > so_far.size() && so_far.begins(text)) ||
                             (sent == Sent::last && so_far.is(text));
        if (repeats) text = so_far.rest_of(text);
        so_far.add(text);
        return text;
    }

    static void emit_text(Choice& choice, std::string_view text, int number, Sent sent, EventSink& events) {
        text = news(choice.text, text, sent);
        if (!text.empty()) events.emit(TextDelta{std::string(text), number});
    }
    static void emit_reasoning(Choice& choice, std::string_view text, int number, Sent sent,
                               EventSink& events) {
        text = news(choice.reasoning, text, sent);
        if (!text.empty()) events.emit(ReasoningDelta{std::string(text), number});
    }
    static void emit_logprobs(dom::object from, Choice& choice, int number, EventSink& events) {
        const auto logprobs = object_member(from, "logprobs");
        if (!logprobs) return;
        JsonText extra{unknown_members(*logprobs, {"content", "refusal"}, upstream::Nulls::keep)};
        for (const bool refusal : {false, true}) {
            auto tokens = read_logprobs(*logprobs, refusal ? "refusal" : "content");
            if (tokens.empty() && (extra.empty() || !refusal)) continue;
            choice.has_logprobs = true;
            events.emit(LogprobsDelta{std::move(tokens), number, refusal, std::exchange(extra, {})});
        }
    }

    // --- a message or a delta ---

    Result<void> read_message(dom::object from, Choice& choice, int number, Sent sent, EventSink& events) {
        std::string beside = unknown_members(from,
                                             {"role", "content", "reasoning_content", "reasoning", "refusal",
                                              "tool_calls", "function_call", "annotations"},
                                             choice.message_nulls);
        if (!beside.empty()) events.emit(Extra{Extra::Place::message, {std::move(beside)}, number});

        // DeepSeek and vLLM use one name, OpenRouter and Ollama the other.  Some send both.
        std::string_view reasoning = string_member(from, "reasoning_content");
        if (reasoning.empty()) reasoning = string_member(from, "reasoning");
        if (!reasoning.empty()) emit_reasoning(choice, reasoning, number, sent, events);

        if (const auto content = member(from, "content"))
            if (auto ok = read_content(*content, choice, number, sent, events); !ok) return ok;
        if (const auto refusal = string_member(from, "refusal"); !refusal.empty())
            if (const auto text = news(choice.refusal, refusal, sent); !text.empty())
                events.emit(RefusalDelta{std::string(text), number});

        if (const auto listed = member(from, "tool_calls")) {
            const auto calls = array(*listed);
            if (!calls) return garbage("'tool_calls' is not an array");
            std::size_t position = 0;
            for (dom::element element : *calls) {
                const auto call = object(element);
                if (!call) return garbage("one of 'tool_calls' is not an object");
                if (auto ok = read_call(*call, position++, choice, sent, events); !ok) return ok;
            }
        }
        if (const auto older = member(from, "function_call")) {
            const auto called = object(*older);
            if (!called) return garbage("'function_call' is not an object");
            const Sent piece = sent == Sent::piece || sent == Sent::whole ? Sent::piece : Sent::repeated;
            if (auto ok = read_called(*called, {}, 0, 0, choice, piece, events); !ok) return ok;
        }
        if (const auto annotations = member(from, "annotations");
            annotations && !(sent == Sent::repeated && choice.has_citations)) {
            emit_annotations(*annotations, number, events);
            choice.has_citations = true;
        }
        return {};
    }

    /// A string, or an array of text parts; Mistral's has thinking parts too.
    Result<void> read_content(dom::element content, Choice& choice, int number, Sent sent,
                              EventSink& events) const {
        if (const auto text = string(content)) {
            emit_text(choice, *text, number, sent, events);
            return {};
        }
        const bool joins = sent != Sent::piece && sent != Sent::whole;
        std::string all_text, all_thoughts;
        auto say = [&](std::string_view text) {
            if (joins)
                all_text += text;
            else
                emit_text(choice, text, number, sent, events);
        };
        auto think = [&](std::string_view text) {
            if (joins)
                all_thoughts += text;
            else
                emit_reasoning(choice, text, number, sent, events);
        };
        const auto parts = array(content);
        if (!parts) return garbage("'content' is neither a string nor an array");
        for (dom::element element : *parts) {
            const auto part = object(element);
            if (!part) return garbage("a part of 'content' is not an object");
            say(string_member(*part, "text"));
            const auto thoughts = member(*part, "thinking");
            const auto inner = thoughts ? array(*thoughts) : std::nullopt;
            if (!inner) continue;
            for (dom::element thought : *inner)
                if (const auto one = object(thought)) think(string_member(*one, "text"));
        }
        if (joins) {
            emit_reasoning(choice, all_thoughts, number, sent, events);
            emit_text(choice, all_text, number, sent, events);
        }
        return {};
    }

    Result<void> read_call(dom::object call, std::size_t position, Choice& choice, Sent sent,
                           EventSink& events) {
        std::optional<std::int64_t> place;
        if (const auto index = member(call, "index")) {
            place = integer(*index);
            if (!place || *place < 0) return garbage("'index' is not the number of a tool call");
        }
        const bool custom = string_member(call, "type") == "custom" || object_member(call, "custom");
        const auto called = object_member(call, custom ? "custom" : "function");
        upstream::ToolCallPiece piece{.id = string_member(call, "id"), .custom = custom};
        // Some servers send the members of the inner object next to the id.
        if (called)
            piece.extra.text = unknown_members(call, {"id", "type", "index", custom ? "custom" : "function"},
                                               upstream::Nulls::keep);
        return read_called(called ? *called : call, std::move(piece), place, position, choice, sent, events);
    }

    Result<void> read_called(dom::object called, upstream::ToolCallPiece piece,
                             std::optional<std::int64_t> place, std::size_t position, Choice& choice,
                             Sent sent, EventSink& events) {
        const std::string_view content = piece.custom ? "input" : "arguments";
        piece.name = string_member(called, "name");
        piece.inner_extra.text =
            unknown_members(called, {"name", content, "id", "type", "index"}, upstream::Nulls::keep);
        std::string written;
        if (const auto value = member(called, content)) {
            const auto text = upstream::text_or_json(*value, written);
            if (!text) return garbage("'" + std::string(content) + "' is neither a string nor an object");
            piece.arguments = *text;
        }
        if (sent == Sent::whole) return choice.calls.add_whole(std::move(piece), events);
        if (sent == Sent::repeated || (sent != Sent::piece && !piece.name.empty()))
            return choice.calls.add_repeated(position, std::move(piece), events);
        return place ? choice.calls.add_at(*place, std::move(piece), events)
                     : choice.calls.add(std::move(piece), events);
    }
};

}  // namespace

std::unique_ptr<upstream::AnswerReader> make_reader(std::string_view who, bool wants_usage) {
    return std::make_unique<ChatAnswerReader>(who, wants_usage);
}

}  // namespace gatehouse::openai_format
