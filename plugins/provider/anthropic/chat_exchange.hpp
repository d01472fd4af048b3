// SPDX-License-Identifier: Apache-2.0
// One chat on the Messages API, and its retry with a changed request after a refusal.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/provider/anthropic/answer.hpp"
#include "plugins/provider/anthropic/anthropic_exchange.hpp"
#include "plugins/provider/anthropic/request.hpp"

#include <optional>

namespace gatehouse::anthropic {

/// One thread at a time.
class ChatExchange final : public AnthropicExchange {
public:
    /// REQUIRES: `service` and `request` outlive the exchange.
    ChatExchange(Service& service, const ChatRequest& request);

    Result<std::optional<http::Request>> request() override;
    bool complete() const override { return answer_ && answer_->done(); }
    bool may_end() const override { return answer_ && answer_->may_end(); }
    bool amend(const Error&) override { return std::exchange(amended_, false); }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override;
    Result<void> on_end(EventSink& events) override;
    void on_refusal(int status, std::string_view body) override;
    void tell(const std::vector<std::string>& left_out);

    static constexpr int max_amendments = 3;

    upstream::FunctionsOnly tools_;
    const ChatRequest& request_;  // without custom tools
    const ToolNames names_;
    Sent sent_;  // in the last request
    int amendments_ = 0;
    bool amended_ = false;  // by the last refusal
    bool told_ = false;     // dropped fields have been logged

    std::optional<upstream::AnswerStream> answer_;
};

}  // namespace gatehouse::anthropic
