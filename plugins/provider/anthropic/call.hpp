// SPDX-License-Identifier: Apache-2.0
// What every exchange with the API has in common, whatever it asks: URL and
// headers, and answers that are none.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/anthropic/service.hpp"

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// The members of one are never called at the same time.
class AnthropicExchange : public upstream::HttpExchange {
public:
    std::string advice(const Error& error) final;
    std::string_view request_id_header() const final { return "request-id"; }

protected:
    /// REQUIRES: `service` outlives it.
    AnthropicExchange(Service& service, Model model)
        : HttpExchange(service.host, "Anthropic"), service_(service), model_(std::move(model)) {}

    /// Forgets the last answer, and begins a request for `path`, such as "/v1/messages".
    http::Request begin(std::string_view method, std::string_view path);

    /// An answer with a bad status says why.
    virtual void on_refusal(int /*status*/, std::string_view /*body*/) {}

    Service& service_;
    Model model_;  // with what has been learned about it; no id: none is concerned

private:
    Error on_failure() final;
};

}  // namespace gatehouse::anthropic
