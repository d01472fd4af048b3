// SPDX-License-Identifier: Apache-2.0
// Embeddings of an OpenAI-compatible upstream, and rankings in Jina's or Cohere's format.
#pragma once

#include "plugins/provider/openai/openai_exchange.hpp"

namespace gatehouse::openai_provider {

/// One thread at a time.
class EmbedExchange final : public OpenAiExchange {
public:
    /// REQUIRES: both outlive the exchange.
    EmbedExchange(Service& service, const EmbeddingRequest& request)
        : OpenAiExchange(service, request.model), request_(request) {}
    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;
    const EmbeddingRequest& request_;
};

/// One thread at a time.
class RerankExchange final : public OpenAiExchange {
public:
    /// REQUIRES: both outlive the exchange.
    RerankExchange(Service& service, const RerankRequest& request)
        : OpenAiExchange(service, request.model), request_(request) {}
    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;
    const RerankRequest& request_;
};

}  // namespace gatehouse::openai_provider
