// SPDX-License-Identifier: Apache-2.0
// GET /models of the upstream.
#pragma once

#include "plugins/provider/openai/openai_exchange.hpp"

namespace gatehouse::openai_provider {

/// One thread at a time.
class ModelList final : public OpenAiExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service) : OpenAiExchange(service, "") {}
    Result<std::optional<http::Request>> request() override {
        return std::optional(for_document(begin("GET", "/models")));
    }

private:
    Result<void> on_end(EventSink& events) override;
};

}  // namespace gatehouse::openai_provider
