// SPDX-License-Identifier: Apache-2.0
// One chat on its way through OCI, whatever the format: HTTP, errors, and what
// is asked again without a field that the model has refused.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"
#include "plugins/provider/oci/errors.hpp"
#include "plugins/provider/oci/service.hpp"

#include <gatehouse/provider.hpp>

#include <optional>
#include <string>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class ChatExchange final : public Exchange {
public:
    /// REQUIRES: `service`, `request` and `format` outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request, Model model, const ChatFormat& format);

    Result<std::optional<http::Request>> request() override;
    void head(const http::ResponseHead& head) override;
    Result<void> body(std::string_view bytes, EventSink& events) override;
    Result<void> end(EventSink& events) override;
    bool amend(const Error&) override { return amended_; }
    std::string_view request_id_header() const override { return "opc-request-id"; }

private:
    bool good() const { return head_.status >= 200 && head_.status < 300; }
    bool streams() const { return request_.stream && !model_.simulated_stream; }
    bool cuts() const { return request_.stream && model_.simulated_stream; }
    Asked asked() const { return {service_.endpoint, service_.compartment_id, model_}; }
    bool amend(const Refused& refused);

    static constexpr int max_amendments = 3;
    static constexpr std::size_t max_error_bytes = 64 * 1024;

    Service& service_;
    const ChatRequest& request_;
    const ChatFormat& format_;
    Model model_;    // with what has been learned about it
    FieldSet sent_;  // by the last request
    int amendments_ = 0;
    bool renamed_ = false;  // the token limit, once
    bool amended_ = false;

    http::ResponseHead head_;
    std::string error_body_;
    std::optional<upstream::AnswerStream> answer_;
};

}  // namespace gatehouse::oci
