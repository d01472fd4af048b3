// SPDX-License-Identifier: Apache-2.0
// An operation whose request and response pass through unchanged, except for the model, or a request about
// an object that the upstream keeps.
#pragma once

#include "plugins/provider/openai/openai_exchange.hpp"

namespace gatehouse::openai_provider {

/// One thread at a time.
class RawExchange final : public OpenAiExchange {
public:
    /// REQUIRES: both outlive the exchange.  The operation's name is its path below base_url.
    RawExchange(Service& service, const RawRequest& request)
        : OpenAiExchange(service, request.stored ? std::string_view() : request.model), request_(request) {}
    Result<std::optional<http::Request>> request() override;

private:
    Result<void> on_end(EventSink& events) override;
    const RawRequest& request_;
};

}  // namespace gatehouse::openai_provider
