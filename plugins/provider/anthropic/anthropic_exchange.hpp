// SPDX-License-Identifier: Apache-2.0
// Base class of all exchanges with the API: URL, headers and error responses.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/anthropic/service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::anthropic {

/// One thread at a time.
class AnthropicExchange : public upstream::HttpExchange {
public:
    std::string advice(const Error&) final;
    std::string_view request_id_header() const final { return "request-id"; }

protected:
    /// `model` is empty for a request without one.  `betas` are the client's.  REQUIRES: `service`
    /// outlives it.
    AnthropicExchange(Service& service, Model model, const std::vector<std::string>& betas = {});

    /// Discards the last response and begins a request for `path`, such as "/v1/messages".
    /// `betas` are the client's, added to the configured ones.
    http::Request begin(std::string_view method, std::string_view path,
                        const std::vector<std::string>& betas = {});

    /// Called with the body of a response whose status is not 2xx.
    virtual void on_refusal(int /*status*/, std::string_view /*body*/) {}

    Service& service_;
    Model model_;  // with the learned capabilities; its id is empty for requests without a model

private:
    Error on_failure() final;
};

}  // namespace gatehouse::anthropic
