// SPDX-License-Identifier: Apache-2.0
// Converts a message of the API, streaming or non-streaming, into the SDK's events.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/answer_parts.hpp"
#include "plugins/common/upstream/answer_stream.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/common/upstream/tool_calls.hpp"
#include "plugins/provider/anthropic/message_facts.hpp"
#include "plugins/provider/anthropic/names.hpp"
#include "plugins/provider/anthropic/other_content.hpp"
#include "plugins/provider/anthropic/thoughts.hpp"
#include "plugins/provider/anthropic/usage.hpp"

#include <gatehouse/event.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::anthropic {

class MessageReader final : public upstream::AnswerReader {
public:
    struct Setting {
        std::string answer_tool = {};  // the tool whose input is the answer's text, or empty
        std::size_t max_kept = 0;      // bytes of thinking, and of blocks of other kinds
        bool native = false;           // the client speaks the same protocol
        bool thinking_blocks = true;   // the client gets them in a member of that name
        const http::ResponseHead* head = nullptr;
    };

    /// REQUIRES: `names` and the head outlive it.
    MessageReader(const ToolNames& names, Setting setting)
        : names_(names),
          setting_(std::move(setting)),
          thoughts_(setting_.max_kept, setting_.thinking_blocks),
          facts_(setting_.native),
          room_(setting_.max_kept) {}

    Result<void> read(upstream::dom::object top, EventSink& events) override;
    Result<void> finish(EventSink& events) override;

    /// Whether message_stop has arrived.  Later events do not belong to the response.
    bool stopped() const override { return stopped_; }
    Ending ending() const override;

private:
    static Error bad(std::string_view what) { return upstream::garbage("Anthropic", what); }
    static Result<std::string_view> words(upstream::dom::object from, std::string_view key) {
        return upstream::text_member(from, key, "Anthropic");
    }

    enum class Kind { text, thinking, redacted, tool, answer, other };
    struct Block {
        std::int64_t index = 0;  // the upstream's number
        Kind kind = Kind::other;
        bool open = true;
        bool fed = false;        // some input has arrived in deltas
        std::string input = {};  // input at the start of the block
        upstream::TextSoFar said = {};
        KeptThought thought = {};  // its signature is the data if it is redacted
        std::optional<OtherContent> other = {};
        std::int64_t start = 0;  // its offset in the text
        std::vector<Citation> citations = {};
    };

    Result<void> read_message(upstream::dom::object message, EventSink& events);
    Result<void> begin_block(std::int64_t index, upstream::dom::object block, EventSink& events);
    Result<void> repeat_block(Block& block, upstream::dom::object again, EventSink& events);
    Result<void> read_delta(std::int64_t index, upstream::dom::object delta, EventSink& events);
    Result<void> end_block(Block& block, EventSink& events);
    Result<void> begin_text(std::int64_t index, upstream::dom::object block, EventSink& events);
    Result<void> begin_thinking(std::int64_t index, upstream::dom::object block, EventSink& events);
    Result<void> begin_call(std::int64_t index, upstream::dom::object block, EventSink& events);
    Result<void> begin_other(std::int64_t index, upstream::dom::object block);
    void end_thought(const Block& block, EventSink& events);
    Result<void> close_last(EventSink& events);
    void begin_message(upstream::dom::object message, EventSink& events);

    Result<Block*> add(std::int64_t index, Kind kind);
    Block* find(std::int64_t index);
    void say(Block& block, std::string_view text, EventSink& events);
    Result<void> take_input(Block& block, std::string_view input, EventSink& events);
    void think(Block& block, std::string_view text, EventSink& events);
    void cite(Block& block, upstream::dom::object citation);

    const ToolNames& names_;
    const Setting setting_;

    std::vector<Block> blocks_;
    upstream::ToolCalls calls_{0};
    std::int64_t characters_ = 0;  // characters of the text so far
    Thoughts thoughts_;
    TokenCounts tokens_;
    MessageFacts facts_;
    std::size_t room_;                       // bytes left for blocks of other kinds
    std::optional<std::int64_t> open_text_;  // the block of the text that was emitted last
    bool told_ = false, stopped_ = false, finished_ = false;
    bool goes_on_ = false;  // a block came behind the stop reason
};

}  // namespace gatehouse::anthropic
