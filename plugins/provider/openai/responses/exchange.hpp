// SPDX-License-Identifier: Apache-2.0
// One chat on an upstream that speaks the Responses API.
#pragma once

#include "plugins/provider/openai/chat_exchange_base.hpp"

namespace gatehouse::openai_provider::responses {

/// One thread at a time.
class ResponsesExchange final : public ChatExchangeBase {
public:
    /// REQUIRES: both outlive the exchange.
    ResponsesExchange(Service& service, const ChatRequest& request) : ChatExchangeBase(service, request) {}

    Result<std::optional<http::Request>> request() override;

private:
    void on_refusal(const Error& error) override;

    bool thoughts_ = true;  // send the thoughts of earlier turns
    bool told_ = false;     // dropped fields have been logged
};

}  // namespace gatehouse::openai_provider::responses
