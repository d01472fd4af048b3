// SPDX-License-Identifier: Apache-2.0
// Converts a response of the Responses API, streaming or non-streaming, into the SDK's events.
// A complete item adds the text that its deltas have not brought, so that a server without
// deltas is read too.  One thread at a time.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/common/upstream/tool_calls.hpp"

#include <gatehouse/event.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_provider::responses {

class ResponseReader final : public upstream::AnswerReader {
public:
    /// `native`: the client speaks this API.  `explain` converts JSON with a member `error`.
    ResponseReader(bool native, std::function<Error(std::string_view)> explain)
        : native_(native), explain_(std::move(explain)) {}

    Result<void> read(upstream::dom::object top, EventSink& events) override;
    Result<void> finish(EventSink& events) override;
    bool stopped() const override { return stopped_; }

private:
    struct Item {
        bool ended = false;
        std::int64_t part = 0;                        // the last part of a thought that has text
        std::int64_t characters = 0;                  // the length of a message
        upstream::TextSoFar text = {}, refusal = {};  // the text of a call is its arguments
    };

    Result<void> begin_item(std::int64_t index, upstream::dom::object item, EventSink& events);
    Result<void> read_delta(std::string_view type, upstream::dom::object top, EventSink& events);
    static void read_logprobs(upstream::dom::object part, EventSink& events);
    void begin_text(std::int64_t index, EventSink& events);
    /// Emits what is new in a complete item.
    Result<void> end_item(std::int64_t index, upstream::dom::object item, EventSink& events);
    Result<void> end_message(Item& known, upstream::dom::object item, EventSink& events);
    void end_thought(Item& known, upstream::dom::object item, EventSink& events);
    Result<void> end_call(std::int64_t index, Item& known, upstream::dom::object item, bool custom,
                          EventSink& events);
    void begin_response(upstream::dom::object response, EventSink& events);
    Result<void> end_response(upstream::dom::object response, EventSink& events);
    Result<void> read_status(upstream::dom::object response);

    Result<Item*> item_at(std::int64_t index);
    void say(Item& item, std::string_view text, EventSink& events);
    static void refuse(Item& item, std::string_view text, EventSink& events);
    static void think(Item& item, std::int64_t part, std::string_view text, EventSink& events);
    static void cite(upstream::dom::object part, std::int64_t start, EventSink& events);
    /// `error` is an object as JSON.
    Error failure(const std::string& error) const;

    const bool native_;
    const std::function<Error(std::string_view)> explain_;
    std::map<std::int64_t, Item> items_ = {};  // by output_index
    upstream::ToolCalls calls_{0};
    std::int64_t characters_ = 0;                 // the length of the emitted text
    std::optional<std::int64_t> open_text_ = {};  // the item whose text was emitted last
    std::optional<FinishReason> reason_ = {};
    std::string native_reason_ = {};
    std::optional<Usage> usage_ = {};
    JsonText extra_ = {};
    bool told_ = false, stopped_ = false, finished_ = false;
};

}  // namespace gatehouse::openai_provider::responses
