// SPDX-License-Identifier: Apache-2.0
// The calls of an assistant's turn: some have a place among its parts, the others follow.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <deque>
#include <string>
#include <vector>

namespace gatehouse::anthropic {

/// Each call is written once.
class TurnCalls {
public:
    /// Appends the ids of the calls to `results`, in the order of the calls.  REQUIRES: `turn`
    /// outlives it.
    TurnCalls(const upstream::Turn& turn, CallIds& ids, std::deque<std::string>& results)
        : turn_(turn), is_written_(turn.calls.size()) {
        for (const upstream::CallRef& ref : turn.calls) ids_.push_back(results.emplace_back(ids.add(ref.id)));
    }

    /// Calls write(ToolCall, id) for the call `index` of the message.
    template <typename Write>
    void place(std::size_t index, Write&& write) {
        if (index >= is_written_.size() || is_written_[index]) return;
        is_written_[index] = true;
        --left_;
        write(*turn_.calls[index].call, ids_[index]);
    }
    /// The number of calls without a place so far.
    std::size_t left() const { return left_; }
    std::size_t size() const { return is_written_.size(); }

private:
    const upstream::Turn& turn_;
    std::vector<bool> is_written_;
    std::vector<std::string> ids_;
    std::size_t left_ = is_written_.size();
};

}  // namespace gatehouse::anthropic
