// SPDX-License-Identifier: Apache-2.0
// One chat or text completion on an OpenAI-compatible upstream.  Known and unknown members
// are forwarded in both directions.
#pragma once

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/openai/openai_exchange.hpp"

#include <optional>

namespace gatehouse::openai_provider {

/// One thread at a time.
class ChatExchange final : public OpenAiExchange {
public:
    /// `translated`: the client speaks another protocol.  REQUIRES: both outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request, bool translated)
        : OpenAiExchange(service, request.model),
          request_(request),
          translated_(translated),
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

    void adjust(openai_format::WireFormat& wire) const;
    /// Remembers a change for the model, and retries with it.
    void remember(std::string_view field);

    const ChatRequest& request_;
    const bool translated_;
    Quirks quirks_;
    std::optional<upstream::AnswerStream> answer_;
    bool sent_max_tokens_ = false, sent_stream_options_ = false, sent_reasoning_ = false;
    bool amended_ = false;
};

}  // namespace gatehouse::openai_provider
