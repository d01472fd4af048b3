// SPDX-License-Identifier: Apache-2.0
// Events and the response object.  An unknown type of event is skipped, because the API
// reserves the right to add more.
#include "plugins/common/openai/responses/answer.hpp"

#include "plugins/common/openai/answer_parts.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/upstream/answer_parts.hpp"

namespace gatehouse::openai_format::responses {

namespace {

using namespace upstream;

constexpr UsageNames usage_names = {.prompt = "input_tokens",
                                    .completion = "output_tokens",
                                    .total = "total_tokens",
                                    .prompt_details = "input_tokens_details",
                                    .cached = "cached_tokens",
                                    .cache_written = "cache_write_tokens",
                                    .completion_details = "output_tokens_details",
                                    .reasoning = "reasoning_tokens",
                                    .accepted_prediction = "accepted_prediction_tokens",
                                    .rejected_prediction = "rejected_prediction_tokens"};

/// Members of the response object that a formatter of the same protocol writes itself.
JsonText other_members(dom::object response) {
    return {unknown_members(response, {"id",
                                       "object",
                                       "created_at",
                                       "status",
                                       "background",
                                       "completed_at",
                                       "error",
                                       "incomplete_details",
                                       "instructions",
                                       "max_output_tokens",
                                       "max_tool_calls",
                                       "metadata",
                                       "model",
                                       "output",
                                       "parallel_tool_calls",
                                       "previous_response_id",
                                       "prompt_cache_key",
                                       "reasoning",
                                       "safety_identifier",
                                       "service_tier",
                                       "store",
                                       "temperature",
                                       "text",
                                       "tool_choice",
                                       "tools",
                                       "top_logprobs",
                                       "top_p",
                                       "truncation",
                                       "usage",
                                       "user"})};
}

bool is_end(std::string_view type) {
    return type == "response.completed" || type == "response.incomplete" || type == "response.failed" ||
           type == "response.cancelled";
}

bool is_begin(std::string_view type) {
    return type == "response.created" || type == "response.in_progress" || type == "response.queued";
}

}  // namespace

Result<void> ResponseReader::read(dom::object top, EventSink& events) {
    if (stopped_) return {};
    const std::string_view type = string_member(top, "type");
    if (type == "error") return failure(text_of(top));
    if (type.empty()) {
        if (!member(top, "output") && !member(top, "status")) return garbage(who_, "it has no output");
        return end_response(top, events);
    }
    if (is_begin(type) || is_end(type)) {
        const auto response = object_member(top, "response");
        if (!response) return garbage(who_, "'response' is not an object");
        if (is_end(type)) return end_response(*response, events);
        begin_response(*response, events);
        return {};
    }
    const bool added = type == "response.output_item.added", done = type == "response.output_item.done";
    if (!added && !done) return read_delta(type, top, events);
    const auto index = integer_member(top, "output_index");
    const auto item = object_member(top, "item");
    if (!index || !item) return garbage(who_, "an item has no object or no index");
    return added ? begin_item(*index, *item, events) : end_item(*index, *item, events);
}

void ResponseReader::begin_response(dom::object response, EventSink& events) {
    if (std::exchange(told_, true)) return;
    AnswerInfo info{.created = integer_member(response, "created_at").value_or(0),
                    .service_tier = std::string(string_member(response, "service_tier")),
                    .id = std::string(string_member(response, "id")),
                    .model = std::string(string_member(response, "model"))};
    events.emit(std::move(info));
}

Result<void> ResponseReader::end_response(dom::object response, EventSink& events) {
    if (auto ok = read_status(response); !ok) return ok;
    begin_response(response, events);
    const auto output = member(response, "output");
    const auto items = output ? array(*output) : std::nullopt;
    if (output && !items) return garbage(who_, "'output' is not an array");
    if (items) {
        std::int64_t index = 0;
        for (dom::element element : *items) {
            const auto item = object(element);
            if (!item) return garbage(who_, "an item is not an object");
            if (auto ok = end_item(index++, *item, events); !ok) return ok;
        }
    }
    if (const auto usage = member(response, "usage")) usage_ = upstream::read_usage(*usage, usage_names);
    if (native_) extra_ = other_members(response);
    stopped_ = true;
    return {};
}

/// The status of a response that has ended.
Result<void> ResponseReader::read_status(dom::object response) {
    const std::string_view status = string_member(response, "status");
    if (status == "failed") {
        const auto error = object_member(response, "error");
        return error ? failure(text_of(*error)) : garbage(who_, "it has failed without an error");
    }
    if (status != "completed" && status != "incomplete" && !status.empty())
        return garbage(who_, "it ended with the status '" + std::string(status.substr(0, 32)) + "'");
    reason_ = FinishReason::stop;
    native_reason_ = "completed";
    if (status != "incomplete") return {};
    const auto details = object_member(response, "incomplete_details");
    const std::string_view why = details ? string_member(*details, "reason") : std::string_view();
    reason_ = why == "content_filter" ? FinishReason::content_filter : FinishReason::length;
    native_reason_ = why.empty() ? status : why;
    return {};
}

Result<void> ResponseReader::finish(EventSink& events) {
    if (finished_) return {};
    if (!reason_) return unfinished(who_, "last event");
    finished_ = true;
    const bool calls = *reason_ == FinishReason::stop && calls_.pieces() > 0;
    const auto reason = calls_.finish(calls ? FinishReason::tool_calls : *reason_, events);
    if (!reason) return reason.error();
    if (!extra_.empty())
        events.emit(
            Extra{.members = std::move(extra_), .protocol = std::string(openai_format::responses_protocol)});
    events.emit(Finish{.reason = *reason, .native = native_reason_});
    if (usage_) events.emit(*std::move(usage_));
    return {};
}

Error ResponseReader::failure(const std::string& error) const {
    return explain_("{\"error\":" + error + "}");
}

}  // namespace gatehouse::openai_format::responses
