// SPDX-License-Identifier: Apache-2.0
// The API's list of models, GET /v1/models, page after page.
#pragma once

#include "plugins/provider/anthropic/anthropic_exchange.hpp"

#include <set>
#include <string>

namespace gatehouse::anthropic {

/// One thread at a time.
class ModelList final : public AnthropicExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service) : AnthropicExchange(service, {}) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request page(const std::string& after);

    std::string last_;             // last id of the last page, if another page follows
    std::set<std::string> asked_;  // last ids that were requested
    std::set<std::string> names_;  // models that were emitted
};

}  // namespace gatehouse::anthropic
