// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/chat_exchange.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/provider/anthropic/errors.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/quirks.hpp"

namespace gatehouse::anthropic {

ChatExchange::ChatExchange(Service& service, const ChatRequest& request)
    : AnthropicExchange(service, service.model(request.model), request.betas),
      tools_(request),
      request_(tools_.request()),
      names_(request_, tool_name_rule) {}

Result<std::optional<http::Request>> ChatExchange::request() {
    auto written = write_request(request_, model_, names_);
    if (!written) return written.error();
    tools_.begin();
    sent_ = written->sent;
    amended_ = false;
    if (!told_ && !written->left_out.empty()) tell(written->left_out);

    MessageReader::Setting setting{.answer_tool = std::move(written->answer_tool),
                                   .max_kept = service_.host.limits().max_answer_bytes,
                                   .native = is_native(request_),
                                   .thinking_blocks = request_.protocol == "openai",
                                   .head = &answer_head()};
    auto reader = std::make_unique<MessageReader>(names_, std::move(setting));
    answer_.emplace(std::move(reader), "Anthropic", service_.host.limits(),
                    [this](std::string_view json) { return explain_event(json, model_); });

    http::Request http = begin("POST", "/v1/messages", request_.betas);
    http.headers.add("content-type", "application/json");
    http.headers.add("accept", request_.stream ? "text/event-stream" : "application/json");
    http.body = std::move(written->body);
    return std::optional(std::move(http));
}

/// Logs one line with all dropped fields.
void ChatExchange::tell(const std::vector<std::string>& left_out) {
    told_ = true;
    service_.host.log(Level::debug, "request fields dropped",
                      {{"model", model_.id}, {"fields", common::joined(left_out)}});
}

Result<void> ChatExchange::on_body(std::string_view bytes, EventSink& events) {
    if (answer_->done()) return {};
    return tools_.read(events, [&](EventSink& to) { return answer_->feed(bytes, to); });
}

Result<void> ChatExchange::on_end(EventSink& events) {
    return tools_.read(events, [&](EventSink& to) { return answer_->end(to); });
}

void ChatExchange::on_refusal(int status, std::string_view body) {
    if ((status != 400 && status != 422) || amendments_ >= max_amendments) return;
    const auto quirk = learn(read_error(body), sent_, model_.capabilities);
    if (!quirk) return;
    ++amendments_;
    amended_ = true;
    if (quirk->for_good) service_.learned.set(model_.id, model_.capabilities);
    service_.host.log(Level::info, "model refused a feature, retrying without it",
                      {{"model", model_.id}, {"refused", quirk->what}});
}

}  // namespace gatehouse::anthropic
