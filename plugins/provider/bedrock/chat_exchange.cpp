// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/chat_exchange.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/provider/bedrock/errors.hpp"
#include "plugins/provider/bedrock/quirks.hpp"

#include <gatehouse/url.hpp>

#include <utility>

namespace gatehouse::bedrock {

Result<std::string> model_path(const Model& model, std::string_view operation) {
    // A client chooses the name.  A segment of dots would be another path.
    if (model.id.empty() || model.id.size() > 2048 || model.id.find_first_not_of('.') == model.id.npos)
        return Error{.kind = ErrorKind::not_found,
                     .message = "Bedrock has no model " + in_quotes(one_line(model.id, 100)),
                     .code = "model_not_found",
                     .param = "model"};
    return "/model/" + percent_encoded(model.id) + "/" + std::string(operation);
}

ChatExchange::ChatExchange(Service& service, const ChatRequest& request)
    : UpstreamExchange(service.host, "Bedrock"),
      service_(service),
      model_(service.model(request.model)),
      tools_(request),
      request_(tools_.request()),
      names_(request_, tool_name_rule) {}

Result<std::optional<http::Request>> ChatExchange::request() {
    auto written = write_request(request_, model_, names_, service_.guardrail);
    if (!written) return written.error();
    const auto path = model_path(model_, written->stream ? "converse-stream" : "converse");
    if (!path) return path.error();
    tools_.begin();
    sent_ = written->sent;
    if (!written->left_out.empty() && !std::exchange(told_, true))
        host().log(Level::debug, "request fields dropped",
                   {{"model", model_.id}, {"fields", common::joined(written->left_out)}});
    answer_.emplace(names_, AnswerReader::Setting{.answer_tool = std::move(written->answer_tool),
                                                  .origin = model_.origin(),
                                                  .max_kept = host().limits().max_answer_bytes,
                                                  .thinking_blocks = request_.protocol == "openai"});
    http::Request http = begin("POST", service_.hosts.runtime + *path);
    http.headers.add("content-type", "application/json");
    http.headers.add("accept", written->stream ? "application/vnd.amazon.eventstream" : "application/json");
    http.body = std::move(written->body);
    return std::optional(std::move(http));
}

void ChatExchange::head(const http::ResponseHead& head) {
    UpstreamExchange::head(head);
    const std::string type = lower_case(head.headers.get("content-type"));
    streams_ = type.empty() ? sent_.stream : type.find("eventstream") != type.npos;
    reader_ = AwsEventReader(host().limits().max_event_bytes);
    halves_ = {};
    joins_ = false;
    silences_ = 0;
}

bool ChatExchange::complete() const {
    // Only the tokens are missing, and the upstream is silent for a second.
    return answer_ && streams_ && (answer_->complete() || (answer_->stopped() && silences_ >= 2));
}

Result<void> ChatExchange::on_body(std::string_view bytes, EventSink& events) {
    silences_ = bytes.empty() ? silences_ + 1 : 0;
    if (!streams_) return UpstreamExchange::on_body(bytes, events);
    Result<void> state;
    const auto fed = reader_.feed(bytes, [&](const AwsEvent& event) {
        if (state && !answer_->complete() && !events.full()) state = take(event, events);
    });
    return state ? fed : state;
}

Result<void> ChatExchange::take(const AwsEvent& event, EventSink& events) {
    const std::string_view kind = event.header(":message-type");
    if (kind == "exception") return explain_exception(event.header(":exception-type"), event.payload, model_);
    if (kind == "error") {
        std::string body = "{\"message\":";
        append_json_string(body, event.header(":error-message"));
        return explain_exception(event.header(":error-code"), body + "}", model_);
    }
    return read_payload(event.header(":event-type"), event.payload, events);
}

Result<void> ChatExchange::read_payload(std::string_view type, std::string_view payload, EventSink& events) {
    std::string mended;
    auto top = read_json(payload);
    if (!top && (mended = mended_json(payload, true)) != payload) {
        top = read_json(mended);
        joins_ = true;
    }
    if (!top) return invalid(top.error().message);
    return tools_.read(events, [&](EventSink& to) {
        if (!joins_) return answer_->read_event(type, *top, to);
        JoiningSink joining(halves_, to);
        return answer_->read_event(type, *top, joining);
    });
}

Result<void> ChatExchange::on_end(EventSink& events) {
    return tools_.read(events, [&](EventSink& to) -> Result<void> {
        if (streams_) {
            if (!joins_) return answer_->finish(to);
            JoiningSink joining(halves_, to);
            return answer_->finish(joining);
        }
        const auto top = read_json(document_);
        if (!top) return invalid(top.error().message);
        if (auto ok = answer_->read_document(*top, to); !ok) return ok;
        return answer_->finish(to);
    });
}

Error ChatExchange::on_failure() { return explain(response_head(), error_body(), model_, host().now()); }

bool ChatExchange::amend(const Error&) {
    if (response_head().status != 400 || amendments_ >= max_amendments) return false;
    const auto quirk = learn(read_error(response_head(), error_body()), sent_, model_.capabilities);
    if (!quirk) return false;
    ++amendments_;
    if (quirk->for_good) service_.learned.set(model_.id, model_.capabilities);
    host().log(Level::info, "model refused a feature, retrying without it",
               {{"model", model_.id}, {"refused", quirk->what}});
    return true;
}

std::string ChatExchange::advice(const Error&) {
    return response_head().status ? advise(response_head(), error_body(), model_) : "";
}

}  // namespace gatehouse::bedrock
