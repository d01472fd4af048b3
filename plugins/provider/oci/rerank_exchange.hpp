// SPDX-License-Identifier: Apache-2.0
// A ranking on its way through OCI (reference, sections 2.7 and 3.6).
#pragma once

#include "plugins/provider/oci/call.hpp"

#include <string>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class RerankExchange final : public Call {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    RerankExchange(Service& service, const RerankRequest& request, Model model)
        : Call(service, std::move(model)), request_(request) {}

    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;
    std::string write() const;

    const RerankRequest& request_;
};

}  // namespace gatehouse::oci
