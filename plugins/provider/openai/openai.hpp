// SPDX-License-Identifier: Apache-2.0
// The provider for OpenAI-compatible upstreams.  One instance per [provider.NAME] table.  Any
// thread may request exchanges.
#pragma once

#include "plugins/provider/openai/options.hpp"
#include "plugins/provider/openai/service.hpp"

#include <gatehouse/provider.hpp>

namespace gatehouse::openai_provider {

class OpenAi final : public Provider {
public:
    /// Throws KeyError.
    OpenAi(const Options& options, Host& host);

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override;
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& request) override;
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest& request) override;
    /// Moderations, images and speech: their JSON is passed on with another model.  Files, vector stores and
    /// containers: everything is passed on.
    Result<std::unique_ptr<Exchange>> raw(const RawRequest& request) override;
    Result<std::unique_ptr<Exchange>> models() override;
    bool discovers() const override { return service_.options.models_mode == "discover"; }

private:
    Service service_;
};

}  // namespace gatehouse::openai_provider
