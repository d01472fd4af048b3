// SPDX-License-Identifier: Apache-2.0
// A ranking request to OCI (PROTOCOL.md, sections 2.7 and 3.6).
#pragma once

#include "plugins/provider/oci/oci_exchange.hpp"

#include <string>

namespace gatehouse::oci {

/// One thread at a time.
class RerankExchange final : public OciExchange {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    RerankExchange(Service& service, const RerankRequest& request, Model model)
        : OciExchange(service, std::move(model)), request_(request) {}

    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;
    std::string write() const;

    const RerankRequest& request_;
};

}  // namespace gatehouse::oci
