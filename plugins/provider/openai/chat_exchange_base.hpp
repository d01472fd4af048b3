// SPDX-License-Identifier: Apache-2.0
// Base class of the exchanges of chats, for both APIs: the response, and a retry with a changed request.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/provider/openai/openai_exchange.hpp"

#include <optional>
#include <utility>

namespace gatehouse::openai_provider {

/// One thread at a time.
class ChatExchangeBase : public OpenAiExchange {
public:
    bool complete() const final { return answer_ && answer_->done(); }
    bool may_end() const final { return answer_ && answer_->may_end(); }
    bool amend(const Error&) final { return std::exchange(amended_, false); }

protected:
    /// REQUIRES: both outlive the exchange.
    ChatExchangeBase(Service& service, const ChatRequest& request)
        : OpenAiExchange(service, request.model),
          request_(request),
          quirks_(service.learned.about(request.model)) {}

    /// Begins a request with a JSON body for `path`.
    http::Request begin_chat(std::string_view path) {
        http::Request http = begin("POST", path);
        http.headers.add("content-type", "application/json");
        http.headers.add("accept", request_.stream ? "text/event-stream" : "application/json");
        return http;
    }
    /// Begins a response that `reader` reads.
    void begin_answer(std::unique_ptr<upstream::AnswerReader> reader) {
        answer_.emplace(std::move(reader), "the upstream", service_.host.limits(),
                        [this](std::string_view json) { return event_error(json); });
    }

    /// Lets amend() retry the request, which is another one without, or with, this field.
    void retry(std::string_view field) {
        amended_ = true;
        service_.host.log(Level::info, "upstream refused a field, retrying with a changed request",
                          {{"model", model_}, {"field", field}});
    }
    /// The same, and remembers the change of quirks_ for the model.
    void remember(std::string_view field) {
        service_.learned.add(model_, quirks_);
        retry(field);
    }

    const ChatRequest& request_;
    Quirks quirks_;

private:
    Result<void> on_body(std::string_view bytes, EventSink& events) final {
        return answer_->feed(bytes, events);
    }
    Result<void> on_end(EventSink& events) final { return answer_->end(events); }

    std::optional<upstream::AnswerStream> answer_;
    bool amended_ = false;  // the last refusal has changed the request
};

}  // namespace gatehouse::openai_provider
