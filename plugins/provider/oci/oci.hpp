// SPDX-License-Identifier: Apache-2.0
// The provider of OCI Generative AI.  There is one instance per [provider.NAME]
// table.  Any thread may create exchanges.
#pragma once

#include "plugins/common/oci/guardrails.hpp"
#include "plugins/provider/oci/options.hpp"
#include "plugins/provider/oci/service.hpp"
#include "plugins/provider/oci/surface.hpp"

#include <gatehouse/provider.hpp>

#include <optional>

namespace gatehouse::oci {

class Oci final : public Provider {
public:
    /// Throws KeyError.
    Oci(const Options& options, Host& host);

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override;
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& request) override;
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest& request) override;
    /// Moderations, by OCI's guardrails; files, vector stores and containers; tables for an operator.
    Result<std::unique_ptr<Exchange>> raw(const RawRequest& request) override;
    Result<std::unique_ptr<Exchange>> models() override;
    bool discovers() const override { return discovers_; }

private:
    Result<std::unique_ptr<Exchange>> own_chat(const ChatRequest& request, Model model);
    Result<std::unique_ptr<Exchange>> table(const RawRequest& request);
    std::optional<Error> leaves(const Model& model);
    bool has_responses(const Model& model) const;

    Service service_;
    const OpenAiSurface surface_;
    const ResponsesSurface responses_{surface_};
    const oci_guardrails::Rules guardrails_;
    const bool oracle_only_, regions_limited_, discovers_;
};

}  // namespace gatehouse::oci
