// SPDX-License-Identifier: Apache-2.0
// Reads COHEREV2 answers.  Little is known of its streams (reference, section
// 4.5): whether the last event repeats the text, where usage sits and how the
// body ends; each way is understood.
#include "plugins/provider/oci/answer_parts.hpp"
#include "plugins/provider/oci/chat_cohere_v2.hpp"
#include "plugins/provider/oci/cohere_citations.hpp"
#include "plugins/provider/oci/text_so_far.hpp"
#include "plugins/provider/oci/tool_calls.hpp"

#include <set>

namespace gatehouse::oci {

namespace {

class CohereV2Reader final : public AnswerReader {
public:
    explicit CohereV2Reader(const ChatRequest& request) : request_(request) {}

    Result<void> read(dom::object top, EventSink& events) override {
        const auto inner = member(top, "chatResponse");
        const auto response = inner ? object(*inner) : top;
        if (!response) return garbage("'chatResponse' is no object");
        const auto format = words(*response, "apiFormat");
        if (!format) return format.error();
        if (!format->empty() && *format != "COHEREV2") return garbage("its format is not COHEREV2");
        if (const auto usage = member(*response, "usage"))
            if (const auto found = read_usage(*usage)) usage_ = *found;

        // A whole answer may lack the reason; the last event is the one that has it.
        const auto word = words(*response, "finishReason");
        if (!word) return word.error();
        const bool last = !inner && !word->empty();
        if (inner && word->empty() && !member(*response, "message")) return garbage("it has no 'message'");
        if (finish_ && !last) return {};
        if (const auto element = member(*response, "message"); element && !finish_) {
            const auto message = object(*element);
            if (!message) return garbage("'message' is no object");
            if (auto ok = read_message(*message, inner.has_value(), last, events); !ok) return ok;
        }
        if (const auto logprobs = member(*response, "logProbabilities")) tell_logprobs(*logprobs, events);
        if (inner || last || member(*response, "errorMessage")) {
            const auto reason = read_cohere_finish(*response);
            if (!reason) return reason.error();
            if ((inner || last) && !finish_) finish_ = *reason;
        }
        return {};
    }

    Result<void> finish(EventSink& events) override {
        if (!finish_) return unfinished();
        const auto reason = calls_.finish(*finish_, events);
        if (!reason) return reason.error();
        citations_.emit(request_, events);
        events.emit(Finish{*reason});
        if (usage_) events.emit(*usage_);
        return {};
    }

private:
    Result<void> read_message(dom::object message, bool whole, bool last, EventSink& events) {
        if (const auto content = member(message, "content"))
            if (auto ok = read_content(*content, last, events); !ok) return ok;
        const auto plan = words(message, "toolPlan");
        if (!plan) return plan.error();
        // A plan may come anew with each of its calls.
        const bool with_calls = member(message, "toolCalls").has_value();
        if (!plan->empty() && !repeats(plan_, *plan, last) && !(with_calls && plan_.is(*plan))) {
            const bool begins = plan_.empty() && !thought_.empty();
            plan_.add(*plan);
            events.emit(ReasoningDelta{(begins ? "\n" : "") + std::string(*plan)});
        }
        if (const auto calls = member(message, "toolCalls")) {
            const auto list = array(*calls);
            if (!list) return garbage("'toolCalls' is no array");
            const bool called_before = called_;
            for (dom::element element : *list)
                if (auto ok = read_call(element, whole, last && called_before, events); !ok) return ok;
        }
        if (const auto citations = member(message, "citations")) citations_.add(*citations, last);
        return {};
    }

    /// The parts of `content`, or a lone string.  What the last event says of text
    /// is put together first: it may be all of it, in one part or in several.
    Result<void> read_content(dom::element content, bool last, EventSink& events) {
        std::string text, thought;
        if (const auto lone = string(content)) {
            text = *lone;
        } else {
            const auto parts = array(content);
            if (!parts) return garbage("'content' is no array");
            for (dom::element element : *parts) {
                const auto part = object(element);
                if (!part) return garbage("a part of 'content' is no object");
                const bool thinks = member(*part, "thinking").has_value();
                const auto said = words(*part, thinks ? "thinking" : "text");
                if (!said) return said.error();
                (thinks ? thought : text) += *said;
            }
        }
        if (!thought.empty() && !repeats(thought_, thought, last)) {
            thought_.add(thought);
            events.emit(ReasoningDelta{std::move(thought)});
        }
        if (!text.empty() && !repeats(text_, text, last)) {
            text_.add(text);
            events.emit(TextDelta{std::move(text)});
        }
        return {};
    }

    /// A delta that happens to equal the only one before it is no repetition.
    static bool repeats(const TextSoFar& so_far, std::string_view said, bool last) {
        return last && so_far.pieces() > 1 && so_far.is(said);
    }

    Result<void> read_call(dom::element element, bool whole, bool maybe_repeated, EventSink& events) {
        auto call = object(element);
        if (!call) return garbage("one of 'toolCalls' is no object");
        const auto id = words(*call, "id");
        if (!id) return id.error();
        if (const auto nested = member(*call, "function"))
            if (const auto function = object(*nested)) call = function;
        const auto name = words(*call, "name");
        if (!name) return name.error();
        const auto arguments = read_arguments(*call, "arguments");
        if (!arguments) return arguments.error();

        // The last event may repeat calls whole; one without a name is a piece of the last call.
        if (maybe_repeated && !name->empty() && (id->empty() || ids_.contains(*id))) return {};
        called_ = true;
        if (!id->empty() && ids_.size() < max_ids) ids_.emplace(*id);
        return whole ? calls_.add_whole(*id, *name, *arguments, events)
                     : calls_.add(*id, *name, *arguments, events);
    }

    /// One entry may be several tokens: they have one text, and their logarithms add up.
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
    std::optional<FinishReason> finish_;  // once the last event was read
    std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_cohere_v2_reader(const ChatRequest& request) {
    return std::make_unique<CohereV2Reader>(request);
}

}  // namespace gatehouse::oci
