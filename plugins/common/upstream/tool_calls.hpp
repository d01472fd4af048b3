// SPDX-License-Identifier: Apache-2.0
// Assembles the tool calls of one choice.  Some upstreams number the entries.  Others send
// no position, no id, or neither id nor name.  One thread at a time.
#pragma once

#include "plugins/common/upstream/json_check.hpp"
#include "plugins/common/upstream/text_so_far.hpp"

#include <gatehouse/call_id.hpp>
#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

using gatehouse::make_call_id;

/// An entry of a response: a tool call or a piece of one.  Absent members are empty.
struct ToolCallPiece {
    std::string_view id = {}, name = {}, arguments = {};
    bool custom = false;
    JsonText extra = {}, inner_extra = {};
};

class ToolCalls {
public:
    explicit ToolCalls(int choice) : choice_(choice) {}

    /// Adds an entry of a streaming response.
    Result<void> add(ToolCallPiece piece, EventSink& events);

    /// The same for an upstream that numbers its calls; `place` is the entry's number.
    Result<void> add_at(std::int64_t place, ToolCallPiece piece, EventSink& events);

    /// Adds an entry of a non-streaming response.  Each entry with a name is a separate call.
    Result<void> add_whole(ToolCallPiece piece, EventSink& events);

    /// Adds the entry at `position` of a message that repeats the streamed calls.  Emits only
    /// the part that is new.
    Result<void> add_repeated(std::size_t position, ToolCallPiece piece, EventSink& events);

    /// Called after the last entry.  Emits "{}" for functions without arguments.  Returns the
    /// finish reason that replaces the upstream's.  Arguments that are not valid JSON are the
    /// client's to judge.  Returns an error if a call has arguments but no name, although the
    /// answer was not cut.
    Result<FinishReason> finish(FinishReason upstream, EventSink& events);

    /// Whether the arguments of a call end before they are complete JSON.
    bool has_unfinished() const;
    /// The number of entries so far.
    std::size_t pieces() const { return pieces_; }

private:
    struct Call {
        std::string id, name;         // as sent by the upstream; clients get those of the events
        std::string pending;          // arguments that wait for the name
        bool custom = false;          // the arguments are free text
        JsonText extra, inner_extra;  // as sent last: some upstreams repeat them in every piece
        JsonCheck arguments;          // not fed for a custom tool
        TextSoFar so_far;             // the arguments
        int index = -1;               // as clients see it; -1 before it is announced
        std::int64_t place = -1;      // the upstream's number; -1 if absent
    };

    Result<void> begin(ToolCallPiece& piece, EventSink& events);
    Result<void> extend(Call& call, ToolCallPiece& piece, EventSink& events);
    Result<void> append(Call& call, ToolCallPiece& piece, EventSink& events);
    std::size_t find(std::string_view id) const;
    std::size_t find_repeated(std::size_t position, const ToolCallPiece& piece) const;

    static constexpr std::size_t max_calls = 1024;
    static constexpr std::size_t max_pending = 1024 * 1024;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    int choice_;
    std::vector<Call> calls_;
    std::size_t current_ = none;
    std::size_t pieces_ = 0;
    int announced_ = 0;
};

}  // namespace gatehouse::upstream
