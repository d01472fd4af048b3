// SPDX-License-Identifier: Apache-2.0
// Files, vector stores and containers on OCI's OpenAI-compatible surface.  Requests and responses pass
// through unchanged (PROTOCOL.md, section 1.3).
#pragma once

#include "plugins/provider/oci/oci_exchange.hpp"
#include "plugins/provider/oci/surface.hpp"

#include <gatehouse/operation.hpp>

namespace gatehouse::oci {

/// One thread at a time.
class StoredObjectExchange final : public OciExchange {
public:
    /// REQUIRES: all outlive the exchange.
    StoredObjectExchange(Service& service, const OpenAiSurface& surface, const RawRequest& request)
        : OciExchange(service, {}, EndpointChoice::first_only), surface_(surface), request_(request) {}

    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;

    const OpenAiSurface& surface_;
    const RawRequest& request_;
};

}  // namespace gatehouse::oci
