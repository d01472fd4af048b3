// SPDX-License-Identifier: Apache-2.0
// Converts a response of the Responses API, streaming or non-streaming, into the SDK's events.
// A complete item adds the text that its deltas have not brought, so that a server without
// deltas is read too.
//
// A client of the same API also gets the structure of the output: where items and parts begin
// and end, their unknown members, and complete items of other types.  Each is an OtherBlock with
// the type and the members of an event of the API, without the texts, which have events of their
// own that hooks understand.  One thread at a time.
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

namespace gatehouse::openai_format::responses {

class ResponseReader final : public upstream::AnswerReader {
public:
    /// `who` is the upstream's name in messages and outlives the reader.  `native`: the client
    /// speaks this API.  `explain` converts JSON with a member `error`.
    ResponseReader(std::string_view who, bool native, std::function<Error(std::string_view)> explain)
        : who_(who), native_(native), explain_(std::move(explain)) {}

    Result<void> read(upstream::dom::object top, EventSink& events) override;
    Result<void> finish(EventSink& events) override;
    bool stopped() const override { return stopped_; }

private:
    struct Item {
        bool ended = false;
        bool told = false;                            // its begin was told to a client of this API
        bool is_other = false;                        // its type has no events of its own
        bool has_part = false;                        // a part was told
        bool summary = false;                         // the last part of a thought belongs to its summary
        std::int64_t part = 0;                        // the last part with text
        std::int64_t notes = 0;                       // annotations of the last part that were told
        std::int64_t characters = 0;                  // the length of a message
        std::int64_t part_characters = 0;             // the length before its last part
        upstream::TextSoFar text = {}, refusal = {};  // the text of a call is its arguments
    };

    Result<void> begin_item(std::int64_t index, upstream::dom::object item, EventSink& events);
    Result<void> read_delta(std::string_view type, upstream::dom::object top, EventSink& events);
    static void read_logprobs(upstream::dom::object part, EventSink& events);
    void begin_text(std::int64_t index, EventSink& events);
    /// Emits what is new in a complete item.
    Result<void> end_item(std::int64_t index, upstream::dom::object item, EventSink& events);
    Result<void> end_message(std::int64_t index, Item& known, upstream::dom::object item, EventSink& events);
    void end_thought(std::int64_t index, Item& known, upstream::dom::object item, EventSink& events);
    Result<void> end_call(std::int64_t index, Item& known, upstream::dom::object item, bool custom,
                          EventSink& events);
    void begin_response(upstream::dom::object response, EventSink& events);
    Result<void> end_response(upstream::dom::object response, EventSink& events);
    Result<void> read_status(upstream::dom::object response);

    Result<Item*> item_at(std::int64_t index);
    void say(Item& item, std::string_view text, EventSink& events);
    static void refuse(Item& item, std::string_view text, EventSink& events);
    void think(std::int64_t index, Item& item, bool summary, std::int64_t part, std::string_view text,
               EventSink& events);
    /// Adds the texts of `name`, "summary" or "content", that its deltas have not brought.
    void think_parts(std::int64_t index, Item& known, upstream::dom::object item, bool summary, bool streamed,
                     std::string& so_far, EventSink& events);
    void cite(upstream::dom::object annotation, std::int64_t start, EventSink& events) const;

    // structure.cpp: for a client of this API.
    static std::string unknown_of_part(upstream::dom::object part);
    void tell(std::string_view type, std::string members, EventSink& events) const;
    void tell_item(std::string_view type, std::int64_t index, const Item& known, upstream::dom::object item,
                   EventSink& events) const;
    /// Tells the part `number` of the item, unless it was the last one.  `part`: its unknown members.
    void tell_part(std::int64_t index, Item& known, bool summary, std::int64_t number, std::string_view type,
                   std::string_view part, EventSink& events) const;
    void tell_part_end(std::int64_t index, const Item& known, upstream::dom::object part,
                       EventSink& events) const;
    void annotate(std::int64_t index, Item& known, upstream::dom::object annotation, EventSink& events) const;
    void annotate_rest(std::int64_t index, Item& known, upstream::dom::object part, EventSink& events) const;
    /// Reads an event that has no text.
    void read_structure(std::string_view type, upstream::dom::object top, EventSink& events);
    /// `error` is an object as JSON.
    Error failure(const std::string& error) const;

    const std::string_view who_;
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

}  // namespace gatehouse::openai_format::responses
