// SPDX-License-Identifier: Apache-2.0
// An embedding request, sent to OCI as one or more requests.
#pragma once

#include "plugins/provider/oci/embed/plan.hpp"
#include "plugins/provider/oci/oci_exchange.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// One thread at a time.
class EmbedExchange final : public OciExchange {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    EmbedExchange(Service& service, const EmbeddingRequest& request, Model model, EmbedPlan plan)
        : OciExchange(service, std::move(model)), request_(request), plan_(std::move(plan)) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request ask();
    std::string write(const EmbedBatch& batch) const;

    const EmbeddingRequest& request_;
    const EmbedPlan plan_;
    std::size_t batch_ = 0;       // index of the current batch
    std::size_t dimensions_ = 0;  // size of the vectors so far; 0 before the first
    std::optional<Usage> usage_;  // sum of the batches so far
    // Emitted when all batches are complete.  Until then a failed batch can be
    // retried with a new token or at another endpoint.
    std::vector<Embedding> vectors_;
};

}  // namespace gatehouse::oci
