// SPDX-License-Identifier: Apache-2.0
// What every exchange with the API has in common, whatever it asks: URL and
// headers, and answers that are none.
#pragma once

#include "plugins/provider/anthropic/service.hpp"

#include <gatehouse/provider.hpp>

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// The members of one are never called at the same time.
class Call : public Exchange {
public:
    void head(const http::ResponseHead& head) final { head_ = head; }
    Result<void> body(std::string_view bytes, EventSink& events) final;
    Result<void> end(EventSink& events) final;
    std::string advice(const Error& error) final;
    std::string_view request_id_header() const final { return "request-id"; }

protected:
    /// REQUIRES: `service` outlives it.
    Call(Service& service, Model model) : service_(service), model_(std::move(model)) {}

    /// Forgets the last answer, and begins a request for `path`, such as "/v1/messages".
    http::Request begin(std::string_view method, std::string_view path);

    /// Bytes of a good answer.
    virtual Result<void> on_body(std::string_view bytes, EventSink& events) = 0;
    /// A good answer is complete.
    virtual Result<void> on_end(EventSink& events) = 0;
    /// An answer with a bad status says why.
    virtual void on_refusal(int /*status*/, std::string_view /*body*/) {}

    Service& service_;
    Model model_;  // with what has been learned about it; no id: none is concerned

private:
    bool good() const { return head_.status >= 200 && head_.status < 300; }

    http::ResponseHead head_;
    std::string error_body_;
};

}  // namespace gatehouse::anthropic
