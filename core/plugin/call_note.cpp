// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/call_note.hpp"

#include <deque>
#include <map>
#include <mutex>

namespace gatehouse::core {

namespace {

struct Slots {
    std::mutex mutex;
    std::deque<CallSlot> all;
    std::vector<CallSlot*> free;
    ThreadHooks hooks;
};

// Never destroyed: threads may end after main().
Slots& slots() {
    static auto* const made = new Slots;
    return *made;
}

struct Failures {
    std::mutex mutex;
    std::map<std::string, std::size_t, std::less<>> counts;
};

Failures& failures() {
    static auto* const made = new Failures;
    return *made;
}

/// Gives the slot back when its thread ends.
struct Attached {
    ~Attached() {
        if (slots().hooks.end) slots().hooks.end();
        CallSlot* slot = std::exchange(detail::call_slot, nullptr);
        if (!slot) return;
        slot->leave(0);
        std::lock_guard lock(slots().mutex);
        slots().free.push_back(slot);
    }
};

}  // namespace

bool CallSlot::read(Calls& into) const {
    const std::uint64_t before = changes_.load(std::memory_order_acquire);
    if (before % 2 != 0) return false;
    const std::size_t depth = depth_.load(std::memory_order_acquire);
    into.count = depth < max_depth ? depth : max_depth;
    for (std::size_t i = 0; i < into.count; ++i) {
        const Frame& frame = frames_[i];
        NotedCall& call = into.calls[i];
        call.number = frame.number.load(relaxed);
        call.member = frame.member.load(relaxed);
        call.may_block = frame.may_block.load(relaxed);
        frame.instance.get(call.instance);
        frame.request_id.get(call.request_id);
    }
    std::atomic_thread_fence(std::memory_order_acquire);
    return changes_.load(relaxed) == before;
}

CallSlot& detail::attach_call_slot() {
    thread_local Attached attached;
    Slots& all = slots();
    std::lock_guard lock(all.mutex);
    if (all.free.empty()) {
        call_slot = &all.all.emplace_back();
    } else {
        call_slot = all.free.back();
        all.free.pop_back();
    }
    if (all.hooks.begin) all.hooks.begin();
    return *call_slot;
}

std::vector<const CallSlot*> call_slots() {
    std::lock_guard lock(slots().mutex);
    std::vector<const CallSlot*> all;
    for (const CallSlot& slot : slots().all) all.push_back(&slot);
    return all;
}

void on_plugin_threads(ThreadHooks hooks) {
    {
        std::lock_guard lock(slots().mutex);
        slots().hooks = hooks;
    }
    if (detail::call_slot && hooks.begin)
        hooks.begin();
    else
        detail::attach_call_slot();
}

void count_plugin_failure(std::string_view instance) {
    std::lock_guard lock(failures().mutex);
    const auto known = failures().counts.find(instance);
    if (known != failures().counts.end())
        ++known->second;
    else
        failures().counts.emplace(instance, 1);
}

std::vector<std::pair<std::string, std::size_t>> take_plugin_failures() {
    std::lock_guard lock(failures().mutex);
    std::vector<std::pair<std::string, std::size_t>> taken(failures().counts.begin(),
                                                           failures().counts.end());
    failures().counts.clear();
    return taken;
}

}  // namespace gatehouse::core
