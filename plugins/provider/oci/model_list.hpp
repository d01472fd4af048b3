// SPDX-License-Identifier: Apache-2.0
// The service's list of models, from its control plane (reference, section 1.4):
// page after page, without what nobody could use on demand.
#pragma once

#include "plugins/provider/oci/call.hpp"

#include <set>
#include <string>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class ModelList final : public Call {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service);

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request page(const std::string& token);

    std::set<std::string> pages_;  // the tokens that were asked for
    std::set<std::string> names_;  // the models that were told
    Listed::Entries seen_;
};

}  // namespace gatehouse::oci
