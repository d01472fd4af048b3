// SPDX-License-Identifier: Apache-2.0
// One chat or text completion on an OpenAI-compatible upstream.  Known and unknown members
// are forwarded in both directions.
#pragma once

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/provider/openai/chat_exchange_base.hpp"

namespace gatehouse::openai_provider {

/// One thread at a time.
class ChatExchange final : public ChatExchangeBase {
public:
    /// `translated`: the client speaks another protocol.  REQUIRES: both outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request, bool translated)
        : ChatExchangeBase(service, request), translated_(translated) {}

    Result<std::optional<http::Request>> request() override;

private:
    void on_refusal(const Error& error) override;

    void adjust(openai_format::WireFormat& wire) const;

    const bool translated_;
    bool sent_max_tokens_ = false, sent_stream_options_ = false, sent_reasoning_ = false;
};

}  // namespace gatehouse::openai_provider
