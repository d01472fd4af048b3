// SPDX-License-Identifier: Apache-2.0
// The API's list of models, GET /v1/models, page after page.
#pragma once

#include "plugins/provider/anthropic/call.hpp"

#include <set>
#include <string>

namespace gatehouse::anthropic {

/// The members of one are never called at the same time.
class ModelList final : public AnthropicExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service) : AnthropicExchange(service, {}) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request page(const std::string& after);

    std::string last_;             // of the last page, if there are more
    std::set<std::string> asked_;  // the ids after which was asked
    std::set<std::string> names_;  // the models that were told
};

}  // namespace gatehouse::anthropic
