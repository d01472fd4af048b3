// SPDX-License-Identifier: Apache-2.0
// Base class of all exchanges with the upstream.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/openai/errors.hpp"
#include "plugins/provider/openai/service.hpp"

#include <string>
#include <string_view>

namespace gatehouse::openai_provider {

/// One thread at a time.
class OpenAiExchange : public upstream::HttpExchange {
public:
    std::string advice(const Error&) final { return advise(answer_head().status, model_, service_); }

protected:
    /// REQUIRES: both outlive it.  `model` is empty for requests without a model.
    OpenAiExchange(Service& service, std::string_view model)
        : HttpExchange(service.host, "the upstream"), service_(service), model_(model) {}

    /// Discards the last response and begins a request for `path`, such as "/chat/completions".
    http::Request begin(std::string_view method, std::string_view path) {
        return begin_at(method, service_.url(path, model_));
    }
    http::Request begin_at(std::string_view method, std::string url) {
        http::Request request = HttpExchange::begin(method, std::move(url));
        request.headers = service_.headers;
        return request;
    }

    /// Called with the error of a response whose status is not 2xx.
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
