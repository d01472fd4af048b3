// SPDX-License-Identifier: Apache-2.0
// The provider of OCI Generative AI.  One instance per [provider.NAME] table;
// any thread may ask it for exchanges.
#pragma once

#include "plugins/provider/oci/options.hpp"
#include "plugins/provider/oci/service.hpp"

#include <gatehouse/provider.hpp>

namespace gatehouse::oci {

class Oci final : public Provider {
public:
    /// Throws KeyError.
    Oci(const Options& options, Host& host);

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override;
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& request) override;
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest& request) override;

private:
    Service service_;
};

}  // namespace gatehouse::oci
