// SPDX-License-Identifier: Apache-2.0
// Embeddings on their way through OCI, in as many requests as they need.
#pragma once

#include "plugins/provider/oci/call.hpp"
#include "plugins/provider/oci/embed_plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class EmbedExchange final : public Call {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    EmbedExchange(Service& service, const EmbeddingRequest& request, Model model, EmbedPlan plan)
        : Call(service, std::move(model)), request_(request), plan_(std::move(plan)) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request ask();
    std::string write(const EmbedBatch& batch) const;

    const EmbeddingRequest& request_;
    const EmbedPlan plan_;
    std::size_t batch_ = 0;       // the one that is being asked for
    std::size_t dimensions_ = 0;  // of the vectors so far; 0: there are none
    std::optional<Usage> usage_;  // of the batches so far
    // Told when all are there: until then a failed batch can still be asked for with a
    // new token, or elsewhere.
    std::vector<std::vector<float>> vectors_;
};

}  // namespace gatehouse::oci
