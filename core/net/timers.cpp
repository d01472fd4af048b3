// SPDX-License-Identifier: Apache-2.0
// A binary heap with lazy deletion: cancel() only marks the entry, and the heap is rebuilt when
// most entries are marked.
#include "core/net/timers.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

Timers::Id Timers::set(Clock::time_point when, std::function<void()> task) {
    std::uint32_t index;
    if (free_.empty()) {
        index = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
        free_.reserve(slots_.capacity());  // so that release() never allocates
    } else {
        index = free_.back();
        free_.pop_back();
    }
    Slot& slot = slots_[index];
    slot.task = std::move(task);
    slot.waits = true;
    const Id id = (static_cast<Id>(slot.generation) << 32) | index;
    heap_.push_back({when, id});
    std::push_heap(heap_.begin(), heap_.end(), later);
    ++waiting_;
    return id;
}

Timers::Slot* Timers::find(Id id) {
    const auto index = static_cast<std::uint32_t>(id);
    if (index >= slots_.size()) return nullptr;
    Slot& slot = slots_[index];
    return slot.waits && slot.generation == id >> 32 ? &slot : nullptr;
}

void Timers::release(Id id) {
    Slot& slot = slots_[static_cast<std::uint32_t>(id)];
    slot.waits = false;
    if (++slot.generation == 0) slot.generation = 1;
    free_.push_back(static_cast<std::uint32_t>(id));
    --waiting_;
}

void Timers::cancel(Id id) {
    Slot* slot = find(id);
    if (!slot) return;
    auto task =
        std::exchange(slot->task, nullptr);  // destroyed last, because it may own an object that sets timers
    release(id);
    if (heap_.size() > 64 && heap_.size() > 4 * waiting_) {
        std::erase_if(heap_, [this](const Entry& entry) { return !find(entry.id); });
        std::make_heap(heap_.begin(), heap_.end(), later);
    }
}

void Timers::drop_stale() {
    while (!heap_.empty() && !find(heap_.front().id)) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        heap_.pop_back();
    }
}

std::optional<Timers::Clock::time_point> Timers::next() {
    drop_stale();
    if (heap_.empty()) return std::nullopt;
    return heap_.front().when;
}

std::function<void()> Timers::take_due(Clock::time_point now) {
    drop_stale();
    if (heap_.empty() || heap_.front().when > now) return nullptr;
    const Id id = heap_.front().id;
    auto task = std::exchange(find(id)->task, nullptr);
    release(id);
    return task;
}

void Timers::clear() {
    heap_.clear();
    free_.clear();
    waiting_ = 0;
    auto dropped = std::exchange(slots_, {});
}

}  // namespace gatehouse::core
