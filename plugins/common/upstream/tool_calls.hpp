// SPDX-License-Identifier: Apache-2.0
// Puts the tool calls of one choice together.  Some upstreams number the entries,
// others give no position, no id, or neither id nor name.  One thread at a time.
#pragma once

#include "plugins/common/upstream/json_check.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// `call_` and 24 random letters and digits.
std::string make_call_id();

class ToolCalls {
public:
    explicit ToolCalls(int choice) : choice_(choice) {}

    /// One entry of a stream's tool calls; what it does not say is empty.
    Result<void> add(std::string_view id, std::string_view name, std::string_view arguments,
                     EventSink& events);

    /// The same of an upstream that numbers its calls, and numbers this one `place`.
    Result<void> add_at(std::int64_t place, std::string_view id, std::string_view name,
                        std::string_view arguments, EventSink& events);

    /// One entry of a whole answer: each with a name is a call of its own.
    Result<void> add_whole(std::string_view id, std::string_view name, std::string_view arguments,
                           EventSink& events);

    /// No more entries.  Emits the "{}" of calls without arguments, and gives the
    /// finish reason in the place of the upstream's.  An error: a call that
    /// nothing has cut is broken all the same.
    Result<FinishReason> finish(FinishReason upstream, EventSink& events);

private:
    struct Call {
        std::string id, name;  // as the upstream said; what clients get is in the events
        std::string pending;   // arguments that wait for the name
        JsonCheck arguments;
        int index = -1;           // as clients see it; -1: not announced yet
        std::int64_t place = -1;  // the upstream's number; -1: it gives none
    };

    Result<void> begin(std::string_view id, std::string_view name, std::string_view arguments,
                       EventSink& events);
    Result<void> extend(Call& call, std::string_view id, std::string_view name, std::string_view arguments,
                        EventSink& events);
    Result<void> append(Call& call, std::string_view arguments, EventSink& events);
    std::size_t find(std::string_view id) const;

    static constexpr std::size_t max_calls = 1024;
    static constexpr std::size_t max_pending = 1024 * 1024;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    int choice_;
    std::vector<Call> calls_;
    std::size_t current_ = none;
    int announced_ = 0;
};

}  // namespace gatehouse::upstream
