// SPDX-License-Identifier: Apache-2.0
// Reads GENERIC responses.  An event of a stream and a choice of a non-streaming
// response have the same members, so that one reader handles both.
#include "plugins/common/upstream/choices.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/chat/generic.hpp"
#include "plugins/provider/oci/chat/grounding.hpp"

#include <bitset>
#include <utility>

namespace gatehouse::oci {

namespace {

using upstream::Choice;
using upstream::Choices;

bool is_text(std::string_view type) { return type.empty() || type == "TEXT" || type == "text"; }

/// Returns the text of `content`: a list of parts (Google sends several), or a
/// string.
Result<std::string> text_of(dom::element content) {
    if (const auto text = string(content)) return std::string(*text);
    const auto parts = array(content);
    if (!parts) return garbage("'content' is not an array");
    std::string joined;
    for (dom::element element : *parts) {
        const auto part = object(element);
        if (!part) return garbage("a part of 'content' is not an object");
        const auto type = words(*part, "type");
        if (!type) return type.error();
        if (!is_text(*type)) continue;
        const auto text = words(*part, "text");
        if (!text) return text.error();
        joined += *text;
    }
    return joined;
}

class GenericReader final : public AnswerReader {
public:
    /// `wants_usage`: the client has asked for usage, so that a stream waits longer for it.
    explicit GenericReader(bool wants_usage) : wants_usage_(wants_usage) {}

    Result<void> read(dom::object top, EventSink& events) override {
        if (const auto inner = member(top, "chatResponse")) {
            const auto response = object(*inner);
            if (!response) return garbage("'chatResponse' is not an object");
            if (const auto usage = member(top, "usage")) keep_usage(*usage);
            return read_response(*response, events, read_model(top));
        }
        if (member(top, "choices")) return read_response(top, events, read_model(top));
        return read_event(top, events);
    }

    Result<void> finish(EventSink& events) override {
        if (!choices_.all_finished()) return unfinished();
        if (auto ok = choices_.close(events); !ok) return ok;
        if (usage_) events.emit(*usage_);
        return {};
    }

    Ending ending() const override {
        if (!choices_.all_finished()) return Ending::missing;
        const bool may_follow = choices_.any_says_more() && !usage_last_;
        return may_follow || (wants_usage_ && !usage_) ? Ending::possible : Ending::likely;
    }

private:
    enum class Sent { piece, last_piece, whole, repeated };

    Result<void> read_response(dom::object response, EventSink& events, std::string model) {
        const auto format = words(response, "apiFormat");
        if (!format) return format.error();
        if (!format->empty() && *format != "GENERIC") return garbage("its format is not GENERIC");
        const auto listed = member(response, "choices");
        const auto list = listed ? array(*listed) : std::nullopt;
        if (!list) return garbage("it has no 'choices'");
        if (!begun_) read_info(response, events, std::move(model));

        std::int64_t position = 0;
        std::bitset<Choices::most> taken;
        for (dom::element element : *list) {
            const auto choice = object(element);
            if (!choice) return garbage("one of 'choices' is not an object");
            auto index = index_of(*choice);
            if (!index) return index.error();
            // Some models send 0 for each choice.
            if (*index < 0 || (*index < Choices::most && taken[static_cast<std::size_t>(*index)]))
                *index = position;
            if (auto ok = read_choice(*choice, *index, true, events); !ok) return ok;
            taken.set(static_cast<std::size_t>(*index));
            ++position;
        }
        if (position == 0) return garbage("'choices' is empty");
        if (const auto usage = member(response, "usage")) keep_usage(*usage);
        return {};
    }

    Result<void> read_event(dom::object event, EventSink& events) {
        if (!begun_) read_info(event, events, read_model(event));
        if (!member(event, "message") && !member(event, "finishReason") && !member(event, "logprobs") &&
            !member(event, "groundingMetadata")) {
            const auto usage = member(event, "usage");
            if (!usage) return {};
            keep_usage(*usage);
            usage_last_ = true;
            return {};
        }
        usage_last_ = false;
        auto index = index_of(event);
        if (!index) return index.error();
        if (*index < 0) *index = index_of_unnumbered(event);
        return read_choice(event, *index, false, events);
    }

    Result<void> read_choice(dom::object from, std::int64_t index, bool whole, EventSink& events) {
        if (index >= Choices::most) return garbage("'index' is too large");
        Choice& choice = choices_.at(index);
        const int number = static_cast<int>(index);
        begun_ = true;
        const std::size_t before = choice.pieces();
        const bool last = member(from, "finishReason").has_value();
        const Sent sent = how_sent(last, choice, whole);

        // Other members of the event belong before the finish reason.
        if (const auto element = member(from, "message")) {
            const auto message = object(*element);
            if (!message) return garbage("'message' is not an object");
            if (auto ok = read_message(*message, choice, number, sent, events); !ok) return ok;
        }
        if (const auto element = member(from, "logprobs");
            element && !(sent == Sent::repeated && choice.has_logprobs))
            if (auto tokens = read_logprobs(*element); !tokens.empty()) {
                choice.has_logprobs = true;
                events.emit(LogprobsDelta{std::move(tokens), number});
            }
        if (const auto element = member(from, "groundingMetadata"); element && !choice.has_grounding)
            choice.has_grounding = emit_grounding(*element, number, events);
        if (const auto usage = member(from, "usage")) keep_usage(*usage);

        const Result<std::string_view> word = last ? words(from, "finishReason") : std::string_view();
        if (!word) return word.error();
        if (!word->empty()) {
            const auto reason = read_finish_reason(*word);
            if (!reason) return reason.error();
            choice.finish_with(*reason, *word);
        } else if (whole && !choice.finish) {
            choice.finish = FinishReason::stop;
        }
        if (!whole && choice.finish && choice.pieces() != before) choice.says_more = true;
        return {};
    }

    /// A complete response behind events repeats them.  The event with the finish reason may.
    static Sent how_sent(bool last, Choice& choice, bool whole) {
        if (whole) return choice.in_pieces ? Sent::repeated : Sent::whole;
        choice.in_pieces = true;
        return !choice.finish && last ? Sent::last_piece : Sent::piece;
    }

    /// The part of `text` to emit.
    static std::string_view news(upstream::TextSoFar& so_far, std::string_view text, Sent sent) {
        if (text.empty()) return text;
        // A piece that equals the only piece before it is not a repetition.
        const bool again = sent == Sent::last_piece && so_far.pieces() > 1 && so_far.is(text);
        if (again || sent == Sent::repeated) text = so_far.rest_of(text);
        so_far.add(text);
        return text;
    }

    Result<void> read_message(dom::object message, Choice& choice, int number, Sent sent, EventSink& events) {
        const auto reasoning = words(message, "reasoningContent");
        if (!reasoning) return reasoning.error();
        if (const auto text = news(choice.reasoning, *reasoning, sent); !text.empty())
            events.emit(ReasoningDelta{std::string(text), number});

        if (const auto content = member(message, "content")) {
            auto text = text_of(*content);
            if (!text) return text.error();
            const auto more = news(choice.text, *text, sent);
            if (more.size() != text->size()) text->erase(0, text->size() - more.size());
            if (!text->empty()) events.emit(TextDelta{*std::move(text), number});
        }

        const auto refusal = words(message, "refusal");
        if (!refusal) return refusal.error();
        if (const auto text = news(choice.refusal, *refusal, sent); !text.empty())
            events.emit(RefusalDelta{std::string(text), number});

        if (const auto calls = member(message, "toolCalls")) {
            const auto list = array(*calls);
            if (!list) return garbage("'toolCalls' is not an array");
            std::size_t position = 0;
            for (dom::element element : *list)
                if (auto ok = read_call(element, position++, choice, sent, events); !ok) return ok;
        }
        if (const auto annotations = member(message, "annotations");
            annotations && !(sent == Sent::repeated && choice.has_citations)) {
            emit_annotations(*annotations, number, events);
            choice.has_citations = true;
        }
        return {};
    }

    static Result<void> read_call(dom::element element, std::size_t position, Choice& choice, Sent sent,
                                  EventSink& events) {
        auto call = object(element);
        if (!call) return garbage("one of 'toolCalls' is not an object");
        const auto id = words(*call, "id");
        if (!id) return id.error();
        upstream::ToolCallPiece piece = further_members_of(*call);
        if (const auto nested = member(*call, "function"))  // the other formats' form
            if (const auto function = object(*nested)) call = function;
        const auto name = words(*call, "name");
        if (!name) return name.error();

        const auto arguments = read_arguments(*call, "arguments");
        if (!arguments) return arguments.error();
        piece.id = *id, piece.name = *name, piece.arguments = *arguments;
        if (sent == Sent::repeated) return choice.calls.add_repeated(position, std::move(piece), events);
        return sent == Sent::whole ? choice.calls.add_whole(std::move(piece), events)
                                   : choice.calls.add(std::move(piece), events);
    }

    /// Emits the data of the complete response.  REQUIRES: no other event was emitted yet.
    void read_info(dom::object from, EventSink& events, std::string model) {
        AnswerInfo info{.model = std::move(model)};
        if (const auto time = member(from, "timeCreated")) info.created = read_time(*time);
        if (const auto tier = member(from, "serviceTier")) info.service_tier = read_service_tier(*tier);
        if (!info.created && info.service_tier.empty() && info.model.empty()) return;
        begun_ = true;
        events.emit(std::move(info));
    }

    void keep_usage(dom::element element) {
        if (auto usage = read_usage(element)) usage_ = *usage;
    }

    /// Returns -1 if the event has no index.
    static Result<std::int64_t> index_of(dom::object from) {
        const auto value = member(from, "index");
        if (!value) return std::int64_t{-1};
        const auto index = integer(*value);
        if (!index || *index < 0) return garbage("'index' is not the number of a choice");
        return *index;
    }

    /// An event without an index belongs to the first choice.  Each choice
    /// finishes once, and Llama's finish events have no index.
    std::int64_t index_of_unnumbered(dom::object event) const {
        if (!member(event, "finishReason") || !choices_.seen(0)) return 0;
        return choices_.first_unfinished().value_or(0);
    }

    Choices choices_;
    const bool wants_usage_;
    std::optional<Usage> usage_;
    bool usage_last_ = false;  // the last event had only usage
    bool begun_ = false;       // an event was emitted, or is about to be
};

}  // namespace

std::unique_ptr<AnswerReader> make_generic_reader(const ChatRequest& request) {
    return std::make_unique<GenericReader>(request.stream && request.include_usage);
}

const ChatFormat& generic_format() {
    static const NativeFormat<write_generic, make_generic_reader> format;
    return format;
}

}  // namespace gatehouse::oci
