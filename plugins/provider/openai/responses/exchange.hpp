// SPDX-License-Identifier: Apache-2.0
// One chat on an upstream that speaks the Responses API.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/openai/openai_exchange.hpp"

#include <optional>
#include <utility>

namespace gatehouse::openai_provider::responses {

/// One thread at a time.
class ResponsesExchange final : public OpenAiExchange {
public:
    /// REQUIRES: both outlive the exchange.
    ResponsesExchange(Service& service, const ChatRequest& request)
        : OpenAiExchange(service, request.model),
          request_(request),
          quirks_(service.learned.about(request.model)) {}

    Result<std::optional<http::Request>> request() override;
    bool complete() const override { return answer_ && answer_->done(); }
    bool may_end() const override { return answer_ && answer_->may_end(); }
    bool amend(const Error&) override { return std::exchange(amended_, false); }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override {
        return answer_->feed(bytes, events);
    }
    Result<void> on_end(EventSink& events) override { return answer_->end(events); }
    void on_refusal(const Error& error) override;

    const ChatRequest& request_;
    Quirks quirks_;
    std::optional<upstream::AnswerStream> answer_ = {};
    bool thoughts_ = true;  // send the thoughts of earlier turns
    bool amended_ = false;  // the last refusal has changed the request
    bool told_ = false;     // dropped fields have been logged
};

}  // namespace gatehouse::openai_provider::responses
