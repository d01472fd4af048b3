// SPDX-License-Identifier: Apache-2.0
// What every exchange with the upstream has in common, whatever it asks.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/openai/errors.hpp"
#include "plugins/provider/openai/service.hpp"

#include <string>
#include <string_view>

namespace gatehouse::openai_provider {

/// The members of one are never called at the same time.
class OpenAiExchange : public upstream::HttpExchange {
public:
    std::string advice(const Error& error) final {
        return advise(error, answer_head().status, model_, service_);
    }

protected:
    /// REQUIRES: both outlive it.  `model` empty: none is concerned.
    OpenAiExchange(Service& service, std::string_view model)
        : HttpExchange(service.host, "the upstream"), service_(service), model_(model) {}

    /// Forgets the last answer, and begins a request for `path`, such as "/chat/completions".
    http::Request begin(std::string_view method, std::string_view path) {
        http::Request request = HttpExchange::begin(method, service_.url(path, model_));
        request.headers = service_.headers;
        return request;
    }

    /// An answer whose status is not 2xx has been explained so.
    virtual void on_refusal(const Error&) {}

    Error event_error(std::string_view json) const { return explain_event(json, model_, service_); }

    Service& service_;
    const std::string_view model_;

private:
    Error on_failure() final {
        const http::ResponseHead& head = answer_head();
        Error error = explain(head.status, head.headers, error_body(), model_, service_);
        on_refusal(error);
        return error;
    }
};

}  // namespace gatehouse::openai_provider
