// SPDX-License-Identifier: Apache-2.0
// The service's list of models, from its control plane (PROTOCOL.md, section 1.4),
// read page by page.  Models that cannot be used on demand are omitted.
#pragma once

#include "plugins/provider/oci/oci_exchange.hpp"

#include <set>
#include <string>

namespace gatehouse::oci {

/// One thread at a time.
class ModelList final : public OciExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service);

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request page(const std::string& token);

    std::set<std::string> pages_;  // tokens of the requested pages
    std::set<std::string> names_;  // models that were emitted
    Listed::Entries seen_;
};

}  // namespace gatehouse::oci
