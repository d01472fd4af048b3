// SPDX-License-Identifier: Apache-2.0
// What every exchange with the upstream has in common, whatever it asks.
#pragma once

#include "plugins/provider/openai/errors.hpp"
#include "plugins/provider/openai/service.hpp"

#include <gatehouse/provider.hpp>

#include <string>
#include <string_view>

namespace gatehouse::openai_upstream {

/// The members of one are never called at the same time.
class Call : public Exchange {
public:
    void head(const http::ResponseHead& head) final { head_ = head; }
    Result<void> body(std::string_view bytes, EventSink& events) final;
    Result<void> end(EventSink& events) final;
    std::string advice(const Error& error) final { return advise(error, head_.status, model_, service_); }

protected:
    /// REQUIRES: both outlive it.  `model` empty: none is concerned.
    Call(Service& service, std::string_view model) : service_(service), model_(model) {}

    /// Forgets the last answer, and begins a request for `path`, such as "/chat/completions".
    http::Request begin(std::string_view method, std::string_view path);

    /// Bytes of a good answer.
    virtual Result<void> on_body(std::string_view bytes, EventSink& events) = 0;
    /// A good answer is complete.
    virtual Result<void> on_end(EventSink& events) = 0;
    /// Another one has been explained so.
    virtual void on_refusal(const Error&) {}

    Error event_error(std::string_view json) const { return explain_event(json, model_, service_); }

    Service& service_;
    const std::string_view model_;

private:
    bool good() const { return head_.status >= 200 && head_.status < 300; }

    http::ResponseHead head_;
    std::string error_body_;
};

/// An exchange whose answer is one JSON document.
class DocumentCall : public Call {
protected:
    using Call::Call;

    Result<void> on_body(std::string_view bytes, EventSink& events) final;
    http::Request begin_document(std::string_view method, std::string_view path, std::string body);

    std::string document_;
};

}  // namespace gatehouse::openai_upstream
