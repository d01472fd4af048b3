// SPDX-License-Identifier: Apache-2.0
// Converts a response of Converse, or the events of ConverseStream, into the SDK's events
// (Amazon Bedrock API Reference, ConverseResponse and ConverseStreamOutput).
// One thread at a time.
#pragma once

#include "plugins/provider/bedrock/kept_thoughts.hpp"
#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/names.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bedrock {

class AnswerReader {
public:
    struct Setting {
        std::string answer_tool = {};  // the tool whose input is the answer's text, or empty
        std::string_view origin = {};  // the origin of signed thoughts
        std::size_t max_kept = 0;      // bytes of thoughts that are kept for the next turn
        bool thinking_blocks = false;  // the client gets them in a member of that name
    };

    /// REQUIRES: `names` outlives it.
    AnswerReader(const ToolNames& names, Setting setting)
        : names_(names),
          setting_(std::move(setting)),
          thoughts_(setting_.max_kept, setting_.thinking_blocks) {}

    /// A complete response.  finish() follows.
    Result<void> read_document(JsonValue top, EventSink& events);
    /// An event of a stream by its type.  Unknown types are skipped.
    Result<void> read_event(std::string_view type, JsonValue payload, EventSink& events);
    /// The response has ended.  Emits the rest, or returns the reason of a failure.
    Result<void> finish(EventSink& events);

    /// The stop reason is known.
    bool stopped() const { return reason_.has_value(); }
    /// The last event, with the tokens, has been read.
    bool complete() const { return metadata_; }

private:
    enum class Kind { unknown, text, thought, tool, answer, other };
    struct Block {
        std::int64_t index = 0;
        Kind kind = Kind::unknown;
        int call = 0;      // its index, for kind tool
        bool fed = false;  // an input has come
        std::string text = {}, signature = {}, redacted = {};
    };

    Result<Block*> block(JsonValue payload);
    Result<void> start(JsonValue payload, EventSink& events);
    Result<void> delta(JsonValue payload, EventSink& events);
    Result<void> begin_tool(Block& block, JsonValue tool, EventSink& events);
    Result<void> read_content(JsonValue content, std::int64_t index, EventSink& events);
    void say(Block& block, std::string text, EventSink& events);
    void think(Block& block, JsonValue content, EventSink& events);
    void input(Block& block, std::string arguments, EventSink& events);
    void end(Block& block, EventSink& events);
    void cite(JsonValue citation, EventSink& events);

    const ToolNames& names_;
    const Setting setting_;
    KeptThoughts thoughts_;
    std::vector<Block> blocks_;  // open ones
    std::int64_t begun_ = 0;     // blocks so far
    std::optional<std::int64_t> open_text_;
    std::int64_t characters_ = 0;  // in the text so far
    int calls_ = 0;
    std::optional<std::string> reason_;
    std::string stop_sequence_ = {};
    std::optional<Usage> usage_;
    bool metadata_ = false, finished_ = false;
};

}  // namespace gatehouse::bedrock
