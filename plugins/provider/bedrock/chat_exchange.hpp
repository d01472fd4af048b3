// SPDX-License-Identifier: Apache-2.0
// A chat: POST /model/{modelId}/converse, or converse-stream, whose response is an event stream
// (application/vnd.amazon.eventstream).
// One thread at a time, as every Exchange.
#pragma once

#include "plugins/common/upstream/custom_tool.hpp"
#include "plugins/provider/bedrock/answer.hpp"
#include "plugins/provider/bedrock/service.hpp"

#include <gatehouse/aws_event_stream.hpp>
#include <gatehouse/half_characters.hpp>
#include <gatehouse/upstream.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::bedrock {

/// "/model/…/OPERATION" of the model.  The name is encoded as one segment: a slash of an ARN is
/// %2F, a colon is %3A.  An error for a name that is not a segment.
Result<std::string> model_path(const Model& model, std::string_view operation);

class ChatExchange final : public UpstreamExchange {
public:
    ChatExchange(Service& service, const ChatRequest& request);

    Result<std::optional<http::Request>> request() override;
    void head(const http::ResponseHead& head) override;
    bool complete() const override;
    bool may_end() const override { return answer_ && answer_->stopped(); }
    bool amend(const Error& error) override;
    std::string advice(const Error& error) override;
    std::string_view request_id_header() const override { return "x-amzn-requestid"; }

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) override;
    Result<void> on_end(EventSink& events) override;
    Error on_failure() override;

    Result<void> take(const AwsEvent& event, EventSink& events);
    Result<void> read_payload(std::string_view type, std::string_view payload, EventSink& events);

    static constexpr int max_amendments = 4;

    Service& service_;
    Model model_;
    upstream::FunctionsOnly tools_;
    const ChatRequest& request_;
    const ToolNames names_;
    Sent sent_ = {};
    std::optional<AnswerReader> answer_;
    AwsEventReader reader_;
    HalfCharacters halves_;
    bool streams_ = false;  // the response is an event stream
    bool joins_ = false;    // an event had half a character
    int silences_ = 0;      // since the last bytes
    int amendments_ = 0;
    bool told_ = false;  // the dropped fields are logged
};

}  // namespace gatehouse::bedrock
