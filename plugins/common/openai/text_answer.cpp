// SPDX-License-Identifier: Apache-2.0
// A non-streaming text completion and a chunk have the same format.
#include "plugins/common/openai/text_answer.hpp"

#include "plugins/common/openai/answer_frame.hpp"
#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/upstream/answer_parts.hpp"

#include <limits>

namespace gatehouse::openai_format {

namespace dom = upstream::dom;
using upstream::array;
using upstream::member;
using upstream::number;
using upstream::object;
using upstream::string;
using upstream::unknown_members;

namespace {

// Several choices for each of several prompts.
constexpr std::int64_t max_texts = 1024;

/// The elements of the array `name`.  Empty if there is no such array.
std::vector<dom::element> elements(dom::object from, std::string_view name) {
    std::vector<dom::element> list;
    const auto found = member(from, name);
    if (const auto given = found ? array(*found) : std::nullopt)
        for (dom::element one : *given) list.push_back(one);
    return list;
}

/// Whether a member of an element of `top_logprobs` is an alternative of the token.  Logarithms of
/// probabilities are not above 0.
bool is_alternative(dom::element value) { return number(value).value_or(1) <= 0; }

/// The members of `top_logprobs` that are not alternatives: an array of an object for each token.
/// Empty without such members.
std::string beside_alternatives(dom::object logprobs) {
    std::string list;
    bool any = false;
    for (dom::element one : elements(logprobs, "top_logprobs")) {
        const auto top = object(one);
        const std::string members =
            top ? upstream::members_if(*top, [](const auto& member) { return !is_alternative(member.value); })
                : std::string();
        any = any || !members.empty();
        list.append(list.empty() ? "[" : ",").append(members.empty() ? "null" : members);
    }
    return any ? list + "]" : std::string();
}

/// Reads parallel arrays.  The first token of an echoed prompt has no probability.  It is
/// read as NaN, which becomes null in JSON.
std::vector<TokenLogprob> read_arrays(dom::object from) {
    std::vector<TokenLogprob> list;
    const auto tokens = elements(from, "tokens");
    const auto numbers = elements(from, "token_logprobs");
    const auto tops = elements(from, "top_logprobs");
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto token = string(tokens[i]);
        if (!token) return {};
        TokenLogprob& made = list.emplace_back();
        made.token = *token;
        const auto logprob = i < numbers.size() ? number(numbers[i]) : std::nullopt;
        made.logprob = logprob.value_or(std::numeric_limits<double>::quiet_NaN());
        const auto top = i < tops.size() ? object(tops[i]) : std::nullopt;
        if (!top) continue;
        for (const auto [name, value] : *top)
            if (is_alternative(value)) made.top.push_back({std::string(name), *number(value)});
    }
    return list;
}

class TextAnswerReader final : public AnswerFrame {
public:
    TextAnswerReader(std::string_view who, bool whole, bool wants_usage)
        : AnswerFrame(who, max_texts, wants_usage), whole_(whole) {}

    Result<void> read(dom::object top, EventSink& events) override {
        ++documents_;
        return AnswerFrame::read(top, events);
    }

    Result<void> finish(EventSink& events) override {
        // A non-streaming response is complete even without a finish reason.
        if (whole_ && documents_ == 1) choices_.finish_all(FinishReason::stop);
        return AnswerFrame::finish(events);
    }

private:
    Result<void> read_choice(dom::object from, std::int64_t position, EventSink& events) override {
        const auto index = number_of(from, position, whole_ && documents_ == 1);
        if (!index) return index.error();
        upstream::Choice& choice = choices_.at(*index);
        const int number = static_cast<int>(*index);
        const std::size_t before = choice.pieces();

        const auto given = member(from, "logprobs");
        const auto logprobs = given ? object(*given) : std::nullopt;
        emit_beside(from, logprobs, number, choice.nulls, events);
        if (const auto said = member(from, "text")) {
            const auto text = string(*said);
            if (!text) return garbage("'text' is not a string");
            choice.text.add(*text);
            if (!text->empty()) events.emit(TextDelta{std::string(*text), number});
        }
        if (logprobs) {
            // llama.cpp sends them in the format of a chat.
            auto tokens =
                member(*logprobs, "content") ? read_logprobs(*logprobs, "content") : read_arrays(*logprobs);
            if (!tokens.empty()) events.emit(LogprobsDelta{std::move(tokens), number});
        }
        if (auto ok = read_finish(from, choice); !ok) return ok;
        note_end(choice, before);
        return {};
    }

    /// Emits unknown members of the choice and of its `logprobs`.
    static void emit_beside(dom::object from, std::optional<dom::object> logprobs, int number,
                            upstream::NullNames& nulls, EventSink& events) {
        std::string beside = unknown_members(from, {"index", "text", "finish_reason", "logprobs"}, nulls);
        const std::string inner = logprobs ? beside_tokens(*logprobs) : std::string();
        if (!inner.empty()) {
            if (beside.empty())
                beside = "{";
            else
                beside.back() = ',';
            beside.append("\"logprobs\":").append(inner).append("}");
        }
        if (!beside.empty()) events.emit(Extra{Extra::Place::choice, {std::move(beside)}, number});
    }

    static std::string beside_tokens(dom::object logprobs) {
        std::string inner = unknown_members(logprobs, {"tokens", "token_logprobs", "top_logprobs", "content"},
                                            upstream::Nulls::keep);
        const std::string tops = beside_alternatives(logprobs);
        if (tops.empty()) return inner;
        if (inner.empty())
            inner = "{";
        else
            inner.back() = ',';
        return inner.append("\"top_logprobs\":").append(tops).append("}");
    }

    const bool whole_;
    std::size_t documents_ = 0;
};

}  // namespace

std::unique_ptr<upstream::AnswerReader> make_text_reader(std::string_view who, bool whole, bool wants_usage) {
    return std::make_unique<TextAnswerReader>(who, whole, wants_usage);
}

}  // namespace gatehouse::openai_format
