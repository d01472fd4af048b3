// SPDX-License-Identifier: Apache-2.0
// Reads COHERE responses.  The last event of a stream repeats the whole text and
// the tool calls.  Only the part that was not emitted before is emitted then.
// Calls have no ids.  They get generated ids, which the client sends back with the
// call.
#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/provider/oci/chat/answer_parts.hpp"
#include "plugins/provider/oci/chat/tool_calls.hpp"
#include "plugins/provider/oci/cohere/citations.hpp"
#include "plugins/provider/oci/cohere/names.hpp"
#include "plugins/provider/oci/cohere/v1.hpp"

#include <gatehouse/json_writer.hpp>

#include <utility>

namespace gatehouse::oci {

namespace {

using upstream::TextSoFar;

/// True also for a null member.
bool has(dom::object object, std::string_view key) { return object.at_key(key).error() == simdjson::SUCCESS; }

class CohereReader final : public AnswerReader {
public:
    explicit CohereReader(const ChatRequest& request)
        : request_(request), names_(request, cohere_name_rule) {}

    Result<void> read(dom::object top, EventSink& events) override {
        if (const auto inner = member(top, "chatResponse")) {
            const auto response = object(*inner);
            if (!response) return garbage("'chatResponse' is not an object");
            if (!has(*response, "text") && !member(*response, "toolCalls") && !has(*response, "finishReason"))
                return garbage("it has no 'text'");
            tell_model(top, events);
            return read_event(*response, true, events);
        }
        begun_ = true;
        return read_event(top, has(top, "finishReason") || has(top, "chatHistory"), events);
    }

    Result<void> finish(EventSink& events) override {
        if (!finish_) return unfinished();
        const auto reason = calls_.finish(finish_->reason, events);
        if (!reason) return reason.error();
        finish_->reason = *reason;
        citations_.emit(request_, events);
        if (!queries_.empty()) events.emit(Extra{Extra::Place::answer, {queries_}});
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

    Result<void> read_event(dom::object event, bool last, EventSink& events) {
        const auto format = words(event, "apiFormat");
        if (!format) return format.error();
        if (!format->empty() && *format != "COHERE") return garbage("its format is not COHERE");
        if (const auto usage = member(event, "usage"))
            if (const auto found = read_usage(*usage)) usage_ = *found;
        // The first event with a finish reason repeats the answer.  More may follow it, also
        // with finish reasons.
        const bool repeats = last && (!finish_ || has(event, "chatHistory"));
        const auto text = words(event, "text");
        if (!text) return text.error();
        if ((repeats && !is_last_piece(*text)) || (last && so_far_.pieces() > 1 && so_far_.begins(*text)))
            tell(so_far_.rest_of(*text), events);
        else
            tell(*text, events);

        if (const auto calls = member(event, "toolCalls"); calls && !(last && called_)) {
            const auto list = array(*calls);
            if (!list) return garbage("'toolCalls' is not an array");
            for (dom::element element : *list)
                if (auto ok = read_call(element, events); !ok) return ok;
        }
        if (const auto documents = member(event, "documents")) citations_.add_documents(*documents);
        if (const auto citations = member(event, "citations")) citations_.add(*citations, last);

        if (const auto queries = member(event, "searchQueries")) keep_queries(*queries);

        if (last || member(event, "errorMessage")) {
            const auto reason = read_cohere_finish(event);
            if (!reason) return reason.error();
            if (last) keep_finish(finish_, *reason);
        }
        return {};
    }

    /// Whether the text of the event with the finish reason continues the answer.  It does if it is
    /// shorter than the answer, begins in another way, and is not in the answer.
    bool is_last_piece(std::string_view text) const {
        const std::string_view said = said_;
        const std::size_t first = said.find_first_not_of(blanks), begin = text.find_first_not_of(blanks);
        if (first == said.npos || begin == text.npos || said.size() != so_far_.size()) return false;
        if (said.find("\xF4\x8F") != said.npos)
            return false;  // marks of halves, which the text has as a whole
        return text.size() < said.size() && text[begin] != said[first] && said.find(text) == said.npos;
    }

    void tell(std::string_view text, EventSink& events) {
        if (text.empty()) return;
        if (finish_) goes_on_ = true;
        so_far_.add(text);
        if (said_.size() + text.size() <= max_said) said_ += text;
        events.emit(TextDelta{std::string(text)});
    }

    Result<void> read_call(dom::element element, EventSink& events) {
        const auto call = object(element);
        if (!call) return garbage("one of 'toolCalls' is not an object");
        const auto name = words(*call, "name");
        if (!name) return name.error();
        if (name->empty()) return garbage("a tool call has no name");
        const auto parameters = read_arguments(*call, "parameters");
        if (!parameters) return parameters.error();
        called_ = true;
        upstream::ToolCallPiece piece{.name = names_.to_client(*name), .arguments = *parameters};
        piece.extra.text = upstream::unknown_members(*call, {"name", "parameters"});
        return calls_.add_whole(std::move(piece), events);
    }

    /// The model's search queries, which are the complete response to
    /// search_queries_only.
    void keep_queries(dom::element element) {
        const auto list = array(element);
        if (!list || list->size() == 0) return;
        queries_.clear();
        JsonWriter json(queries_);
        json.begin_object().key("search_queries").begin_array();
        for (dom::element one : *list)
            if (const auto query = object(one))
                json.begin_object().member("text", string_member(*query, "text")).end_object();
        json.end_array().end_object();
    }

    const ChatRequest& request_;
    const ToolNames names_;
    static constexpr std::string_view blanks = " \t\r\n";
    static constexpr std::size_t max_said = 64 * 1024;

    TextSoFar so_far_;
    std::string said_;  // its beginning
    ToolCalls calls_{0};
    CohereCitations citations_;
    std::string queries_;
    bool called_ = false;
    bool goes_on_ = false;          // text came behind a finish reason
    bool begun_ = false;            // a document was read
    std::optional<Finish> finish_;  // set after the last event
    std::optional<Usage> usage_;
};

}  // namespace

std::unique_ptr<AnswerReader> make_cohere_reader(const ChatRequest& request) {
    return std::make_unique<CohereReader>(request);
}

}  // namespace gatehouse::oci
