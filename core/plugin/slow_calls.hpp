// SPDX-License-Identifier: Apache-2.0
// Finds plugin calls that do not return, while they still run.
//
// It counts looks instead of measuring time, so that a process that was stopped finds no slow call.
// Owned by HangWatch; one thread.
#pragma once

#include "core/plugin/call_note.hpp"

#include <unordered_map>
#include <vector>

namespace gatehouse::core {

class SlowCalls {
public:
    /// A call is slow if `looks` looks after the first find the same call.
    explicit SlowCalls(int looks) : limit_(looks) {}

    /// The calls that have become slow since the last look, the innermost of each thread.
    std::vector<NotedCall> look();
    /// The slow calls that run now, for a report at the end of the process.
    static std::vector<NotedCall> running();

private:
    struct Seen {
        std::uint64_t number = 0;
        int looks = 0;
        bool told = false;
    };
    using SeenCalls = std::array<Seen, CallSlot::max_depth>;

    const int limit_;
    std::unordered_map<const CallSlot*, SeenCalls> seen_;
};

}  // namespace gatehouse::core
