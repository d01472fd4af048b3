// SPDX-License-Identifier: Apache-2.0
// One chat on its way through OCI, whatever the format, and what is asked again
// without a field that the model has refused.
#pragma once

#include "plugins/provider/oci/call.hpp"
#include "plugins/provider/oci/chat_format.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class ChatExchange final : public Call {
public:
    /// REQUIRES: `service`, `request` and `format` outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request, Model model, const ChatFormat& format);

    Result<std::optional<http::Request>> request() override;
    bool complete() const override { return answer_ && answer_->done(); }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override;
    Result<void> on_end(EventSink& events) override;
    bool do_without(const Refused& refused) override;
    bool streams() const { return request_.stream && !model_.simulated_stream; }
    bool cuts() const { return request_.stream && model_.simulated_stream; }
    void tell(const std::vector<std::string>& left_out);

    static constexpr int max_amendments = 3;

    const ChatRequest& request_;
    const ChatFormat& format_;
    FieldSet sent_;  // by the last request
    int amendments_ = 0;
    bool renamed_ = false;  // the token limit, once
    bool told_ = false;     // the log, of what is left out

    std::optional<upstream::AnswerStream> answer_;
};

}  // namespace gatehouse::oci
