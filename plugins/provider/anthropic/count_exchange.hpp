// SPDX-License-Identifier: Apache-2.0
// Counts the tokens of a chat's prompt.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/provider/anthropic/anthropic_exchange.hpp"
#include "plugins/provider/anthropic/names.hpp"

namespace gatehouse::anthropic {

/// One thread at a time.
class CountExchange final : public AnthropicExchange {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    CountExchange(Service& service, const ChatRequest& request);

    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;

    const upstream::FunctionsOnly tools_;
    const ToolNames names_;
};

}  // namespace gatehouse::anthropic
