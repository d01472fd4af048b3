// SPDX-License-Identifier: Apache-2.0
// The tokens of a prompt: POST /model/{modelId}/count-tokens (Amazon Bedrock API Reference,
// CountTokens).  Only some models have it; the core estimates for the others.
// One thread at a time, as every Exchange.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/provider/bedrock/names.hpp"
#include "plugins/provider/bedrock/service.hpp"

#include <gatehouse/upstream.hpp>

namespace gatehouse::bedrock {

class CountExchange final : public UpstreamExchange {
public:
    CountExchange(Service& service, const ChatRequest& request);

    Result<std::optional<http::Request>> request() override;
    std::string_view request_id_header() const override { return "x-amzn-requestid"; }

private:
    Result<void> on_json(JsonValue top, EventSink& events) override;
    Error on_failure() override;

    Service& service_;
    const Model model_;
    upstream::FunctionsOnly tools_;
    const ToolNames names_;
};

}  // namespace gatehouse::bedrock
