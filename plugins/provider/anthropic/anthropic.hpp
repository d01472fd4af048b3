// SPDX-License-Identifier: Apache-2.0
// The provider for Anthropic's Messages API.  One instance per [provider.NAME] table.  Any
// thread may request exchanges.
#pragma once

#include "plugins/provider/anthropic/options.hpp"
#include "plugins/provider/anthropic/service.hpp"

#include <gatehouse/provider.hpp>

namespace gatehouse::anthropic {

class Anthropic final : public Provider {
public:
    /// Throws KeyError.
    Anthropic(const Options& options, Host& host);

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override;
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& request) override;
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest& request) override;
    Result<std::unique_ptr<Exchange>> count_tokens(const TokenCountRequest& request) override;
    Result<std::unique_ptr<Exchange>> models() override;
    bool discovers() const override { return discovers_; }

private:
    Service service_;
    const bool discovers_;
};

}  // namespace gatehouse::anthropic
