// SPDX-License-Identifier: Apache-2.0
// Tracks the choices of a response until all of them are finished.  One thread at a time.
#pragma once

#include "plugins/common/upstream/null_names.hpp"
#include "plugins/common/upstream/text_so_far.hpp"
#include "plugins/common/upstream/tool_calls.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

struct Choice {
    explicit Choice(int number) : calls(number) {}

    /// Sets the finish reason, and the upstream's word for it.  Some upstreams send "stop"
    /// with every piece, so that a later reason replaces it.
    void finish_with(FinishReason reason, std::string_view word = {}) {
        if (!finish || *finish == FinishReason::stop) {
            finish = reason;
            native = word;
        }
        implied = false;
    }
    /// The number of pieces of the answer so far.
    std::size_t pieces() const {
        return text.pieces() + reasoning.pieces() + refusal.pieces() + calls.pieces();
    }

    ToolCalls calls;
    TextSoFar text = {}, reasoning = {}, refusal = {};
    std::optional<FinishReason> finish = {};  // as sent by the upstream
    std::string native = {};                  // the upstream's word for it
    bool seen = false;                        // a part of it has arrived
    bool closed = false;                      // its Finish has been emitted
    bool in_pieces = false;                   // a delta has arrived
    bool implied = false;                     // `finish` is not the upstream's
    bool says_more = false;                   // a piece came with a finish reason or behind it
    bool has_logprobs = false, has_citations = false, has_grounding = false;
    NullNames nulls = {}, message_nulls = {};  // in the choice itself, in its message
};

class Choices {
public:
    /// Most choices of a chat.
    static constexpr std::int64_t most = 128;

    /// Returns the choice `number` and marks it as seen.  REQUIRES: the number is not
    /// negative, and bounded; memory is allocated for all choices before it.
    Choice& at(std::int64_t number);
    bool seen(std::int64_t number) const;

    /// The first seen choice without a finish reason.  Returns nothing if there is no such choice.
    std::optional<std::int64_t> first_unfinished() const;
    /// Whether there are choices, and each has its finish reason.
    bool all_finished() const;
    /// Whether the finish reason of a choice is not the upstream's.
    bool any_implied() const;
    /// Whether a finished choice has pieces that came with its finish reason or behind it.
    bool any_says_more() const;
    /// Whether a choice without a finish reason ends inside the arguments of a tool call.
    bool ends_inside_call() const;
    /// Sets `reason` for each choice without a finish reason.
    void finish_all(FinishReason reason);

    /// Emits the Finish of every choice that has not been closed.  It is delayed until now,
    /// because a finish reason may arrive before the last part of its choice.
    /// REQUIRES: all_finished().
    Result<void> close(EventSink& events);

private:
    std::vector<Choice> choices_;
};

}  // namespace gatehouse::upstream
