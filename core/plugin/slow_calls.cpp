// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/slow_calls.hpp"

namespace gatehouse::core {

namespace {

// A thread that changes its notes so often that each reading fails makes progress.
bool read(const CallSlot& slot, CallSlot::Calls& into) {
    for (int tries = 0; tries < 3; ++tries)
        if (slot.read(into)) return true;
    return false;
}

}  // namespace

std::vector<NotedCall> SlowCalls::look() {
    std::vector<NotedCall> slow;
    CallSlot::Calls calls;
    for (const CallSlot* slot : call_slots()) {
        SeenCalls& seen = seen_[slot];
        if (!read(*slot, calls)) continue;
        const NotedCall* innermost = nullptr;
        for (std::size_t i = 0; i < calls.count; ++i) {
            const NotedCall& call = calls.calls[i];
            if (seen[i].number != call.number) seen[i] = {call.number};
            if (call.may_block || seen[i].looks++ < limit_) continue;
            innermost = std::exchange(seen[i].told, true) ? nullptr : &call;
        }
        if (innermost) slow.push_back(*innermost);
    }
    return slow;
}

std::vector<NotedCall> SlowCalls::running() {
    std::vector<NotedCall> running;
    CallSlot::Calls calls;
    for (const CallSlot* slot : call_slots())
        if (read(*slot, calls) && calls.count > 0) running.push_back(calls.calls[calls.count - 1]);
    return running;
}

}  // namespace gatehouse::core
