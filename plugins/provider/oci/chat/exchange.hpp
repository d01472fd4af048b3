// SPDX-License-Identifier: Apache-2.0
// One chat request to OCI, in any format.  It is retried without a field that the
// model has refused.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/provider/oci/chat/format.hpp"
#include "plugins/provider/oci/oci_exchange.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// One thread at a time.
class ChatExchange final : public OciExchange {
public:
    /// REQUIRES: `service`, `request` and `format` outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request, Model model, const ChatFormat& format);

    Result<std::optional<http::Request>> request() override;
    bool complete() const override { return answer_ && answer_->done(); }
    bool may_end() const override { return answer_ && answer_->may_end(); }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override;
    Result<void> on_end(EventSink& events) override;
    bool do_without(const Refused& refused) override;
    bool streams() const { return request_.stream && !model_.simulated_stream; }
    bool cuts() const { return request_.stream && model_.simulated_stream; }
    void tell_region();
    void tell(const std::vector<std::string>& left_out);
    template <typename Read>
    Result<void> read_into(EventSink& events, Read read);

    static constexpr int max_amendments = 3;

    const ChatFormat& format_;
    upstream::FunctionsOnly tools_;
    const ChatRequest& request_;  // the request as sent
    FieldSet sent_;               // fields in the last request
    int amendments_ = 0;
    bool renamed_ = false;  // the token limit was renamed once
    bool told_ = false;     // the dropped fields were logged

    std::optional<upstream::AnswerStream> answer_;
};

}  // namespace gatehouse::oci
