// SPDX-License-Identifier: Apache-2.0
// Reads COHEREV2 responses.  Little is known of its streams (PROTOCOL.md, section
// 4.5): whether the last event repeats the text, where usage sits and how the body
// ends.  The reader accepts all variants.
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/chat/tool_calls.hpp"
#include "plugins/provider/oci/cohere/citations.hpp"
#include "plugins/provider/oci/cohere/v2.hpp"

#include <set>
#include <utility>

namespace gatehouse::oci {

namespace {

using upstream::TextSoFar;

class CohereV2Reader final : public AnswerReader {
public:
    explicit CohereV2Reader(const ChatRequest& request) : request_(request) {}

    Result<void> read(dom::object top, EventSink& events) override {
        const auto inner = member(top, "chatResponse");
        const auto response = inner ? object(*inner) : top;
        if (!response) return garbage("'chatResponse' is not an object");
        const auto format = words(*response, "apiFormat");
        if (!format) return format.error();
        if (!format->empty() && *format != "COHEREV2") return garbage("its format is not COHEREV2");
        tell_model(top, events);
        if (const auto usage = member(*response, "usage"))
            if (const auto found = read_usage(*usage)) usage_ = *found;

        // A non-streaming response may lack the reason.  In a stream the last
        // event has it.
        const auto word = words(*response, "finishReason");
        if (!word) return word.error();
        const bool last = !inner && !word->empty();
        if (inner && word->empty() && !member(*response, "message")) return garbage("it has no 'message'");
        if (const auto element = member(*response, "message")) {
            const auto message = object(*element);
            if (!message) return garbage("'message' is not an object");
            if (auto ok = read_message(*message, how_sent(inner.has_value(), last), events); !ok) return ok;
        }
        if (const auto logprobs = member(*response, "logProbabilities")) tell_logprobs(*logprobs, events);
        if (inner || last || member(*response, "errorMessage")) {
            const auto reason = read_cohere_finish(*response);
            if (!reason) return reason.error();
            if (inner || last) keep_finish(finish_, *reason);
        }
        return {};
    }

    Result<void> finish(EventSink& events) override {
        if (!finish_) return unfinished();
        const auto reason = calls_.finish(finish_->reason, events);
        if (!reason) return reason.error();
        finish_->reason = *reason;
        citations_.emit(request_, events);
        events.emit(*finish_);
        if (usage_) events.emit(*usage_);
        return {};
    }

    Ending ending() const override {
        if (!finish_) return Ending::missing;
        return goes_on_ ? Ending::possible : Ending::likely;
    }

private:
    void tell_model(dom::object top, EventSink& events) {
        if (std::exchange(begun_, true)) return;
        if (std::string model = read_model(top); !model.empty())
            events.emit(AnswerInfo{.model = std::move(model)});
    }

    enum class Sent {
        piece,
        last,      // the first event with a finish reason: it may repeat the answer
        whole,     // a non-streaming response
        repeated,  // a complete response behind events
    };
    Sent how_sent(bool complete, bool last) const {
        const bool begun = called_ || !text_.empty() || !thought_.empty() || !plan_.empty();
        if (complete) return begun ? Sent::repeated : Sent::whole;
        return last && !finish_ ? Sent::last : Sent::piece;
    }

    Result<void> read_message(dom::object message, Sent sent, EventSink& events) {
        const bool last = sent == Sent::last || sent == Sent::repeated;
        if (const auto content = member(message, "content"))
            if (auto ok = read_content(*content, sent, events); !ok) return ok;
        const auto plan = words(message, "toolPlan");
        if (!plan) return plan.error();
        // A plan may be repeated with each of its calls.
        const bool with_calls = member(message, "toolCalls").has_value();
        const bool begins = plan_.empty() && !thought_.empty();
        if (!(with_calls && plan_.is(*plan)))
            if (const auto text = news(plan_, *plan, sent); !text.empty())
                events.emit(ReasoningDelta{(begins ? "\n" : "") + std::string(text)});
        if (const auto calls = member(message, "toolCalls")) {
            const auto list = array(*calls);
            if (!list) return garbage("'toolCalls' is not an array");
            const bool called_before = called_;
            for (dom::element element : *list)
                if (auto ok = read_call(element, sent == Sent::whole, last && called_before, events); !ok)
                    return ok;
        }
        if (const auto citations = member(message, "citations")) citations_.add(*citations, last);
        return {};
    }

    /// Reads `content`: parts, or a string.  The last event's text is joined
    /// first, because it may be the complete text in one or several parts.
    Result<void> read_content(dom::element content, Sent sent, EventSink& events) {
        std::string text, thought;
        if (const auto lone = string(content)) {
            text = *lone;
        } else {
            const auto parts = array(content);
            if (!parts) return garbage("'content' is not an array");
            for (dom::element element : *parts) {
                const auto part = object(element);
                if (!part) return garbage("a part of 'content' is not an object");
                const bool thinks = member(*part, "thinking").has_value();
                const auto said = words(*part, thinks ? "thinking" : "text");
                if (!said) return said.error();
                (thinks ? thought : text) += *said;
            }
        }
        if (const auto more = news(thought_, thought, sent); !more.empty())
            events.emit(ReasoningDelta{std::string(more)});
        if (const auto more = news(text_, text, sent); !more.empty())
            events.emit(TextDelta{std::string(more)});
        return {};
    }

    /// The part of `text` to emit.
    std::string_view news(TextSoFar& so_far, std::string_view text, Sent sent) {
        // A delta that equals the only delta before it is not a repetition.
        const bool again = sent == Sent::last && so_far.pieces() > 1 && so_far.is(text);
        if (again || sent == Sent::repeated) text = so_far.rest_of(text);
        if (finish_ && !text.empty()) goes_on_ = true;
        so_far.add(text);
        return text;
    }

    Result<void> read_call(dom::element element, bool whole, bool maybe_repeated, EventSink& events) {
        auto call = object(element);
        if (!call) return garbage("one of 'toolCalls' is not an object");
        const auto id = words(*call, "id");
        if (!id) return id.error();
        upstream::ToolCallPiece piece = further_members_of(*call);
        if (const auto nested = member(*call, "function"))
            if (const auto function = object(*nested)) call = function;
        const auto name = words(*call, "name");
        if (!name) return name.error();
        const auto arguments = read_arguments(*call, "arguments");
        if (!arguments) return arguments.error();

        // The last event may repeat complete calls.  A call without a name is a
        // fragment of the last call.
        if (maybe_repeated && !name->empty() && (id->empty() || ids_.contains(*id))) return {};
        called_ = true;
        if (!id->empty() && ids_.size() < max_ids) ids_.emplace(*id);
        piece.id = *id, piece.name = *name, piece.arguments = *arguments;
        return whole ? calls_.add_whole(std::move(piece), events) : calls_.add(std::move(piece), events);
    }

    /// An entry may have several tokens.  They share one text, and their
    /// logarithms are added.
    void tell_logprobs(dom::element element, EventSink& events) {
        const auto list = array(element);
        if (!list) return;
        LogprobsDelta delta;
        for (dom::element one : *list) {
            const auto entry = object(one);
            const auto values = entry ? member(*entry, "logProbabilities") : std::nullopt;
            const auto numbers = values ? array(*values) : std::nullopt;
            if (!numbers) continue;
            double sum = 0;
            for (dom::element value : *numbers) sum += number(value).value_or(0);
            delta.tokens.push_back({std::string(string_member(*entry, "text")), sum, {}});
        }
        if (!delta.tokens.empty()) events.emit(std::move(delta));
    }

    static constexpr std::size_t max_ids = 1024;

    const ChatRequest& request_;
    TextSoFar text_, thought_, plan_;
    ToolCalls calls_{0};
    CohereCitations citations_;
    std::set<std::string, std::less<>> ids_;
    bool called_ = false;
    bool goes_on_ = false;          // text came behind a finish reason
    bool begun_ = false;            // a document was read
    std::optional<Finish> finish_;  // set after the last event
    std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_cohere_v2_reader(const ChatRequest& request) {
    return std::make_unique<CohereV2Reader>(request);
}

}  // namespace gatehouse::oci
