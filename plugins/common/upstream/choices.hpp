// SPDX-License-Identifier: Apache-2.0
// The choices of an answer that has several, until the last of them is finished.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/tool_calls.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace gatehouse::upstream {

struct Choice {
    explicit Choice(int number) : calls(number) {}

    ToolCalls calls;
    std::optional<FinishReason> finish = {};  // as the upstream says
    bool seen = false;                        // something of it has come
    bool closed = false;                      // its Finish has been emitted
};

class Choices {
public:
    /// What a chat may have.
    static constexpr std::int64_t most = 128;

    /// The choice `number`, which is seen from now on.  REQUIRES: it is not negative,
    /// and bounded: there is room for all before it.
    Choice& at(std::int64_t number);
    bool seen(std::int64_t number) const;

    /// The first that is seen and has no finish reason; nothing: there is none.
    std::optional<std::int64_t> first_unfinished() const;
    /// Whether there are choices, and each has its finish reason.
    bool all_finished() const;
    /// Those without a finish reason get this one.
    void finish_all(FinishReason reason);

    /// Emits the Finish of every choice that has none yet.  It waits until here,
    /// since a finish reason may come before the last of what belongs to a choice.
    /// REQUIRES: all_finished().
    Result<void> close(EventSink& events);

private:
    std::vector<Choice> choices_;
};

}  // namespace gatehouse::upstream
