// SPDX-License-Identifier: Apache-2.0
// Whose turn it is to go on with a handshake: each costs up to a millisecond of the
// worker's time, so that few are taken in one turn of its loop, and only so many
// clients are in the middle of one at a time; others wait in the order they came.
// [the loop's thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace gatehouse::core {

class Handshakes {
public:
    /// A client's leave to be in the middle of a handshake; given back when it goes.
    class Slot {
    public:
        explicit Slot(Handshakes& all) : all_(&all) { ++all.running_; }
        ~Slot() { give_back(); }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        void give_back() {
            if (Handshakes* all = std::exchange(all_, nullptr)) --all->running_;
        }

    private:
        Handshakes* all_;
    };

    void set_limit(std::size_t at_once) { limit_ = at_once; }

    /// `id` has something to go on with, or wants to begin.  Once until its turn.
    void wants_turn(std::uint64_t id) { ready_.push_back(id); }
    /// Whether `id`, whose turn it is, may begin.  If not, it waits for another turn.
    bool may_begin(std::uint64_t id) {
        if (running_ < limit_ && (waiting_.empty() || chosen_ == id)) return true;
        waiting_.push_back(id);
        return false;
    }
    /// The next one, which may have gone meanwhile.
    std::optional<std::uint64_t> next() {
        std::deque<std::uint64_t>& from = may_choose() ? waiting_ : ready_;
        if (from.empty()) return std::nullopt;
        const std::uint64_t id = from.front();
        from.pop_front();
        chosen_ = id;
        return id;
    }
    /// Whether next() has one.
    bool any() const { return may_choose() || !ready_.empty(); }

private:
    bool may_choose() const { return running_ < limit_ && !waiting_.empty(); }

    std::size_t limit_ = 1'000, running_ = 0;
    std::deque<std::uint64_t> ready_, waiting_;
    std::uint64_t chosen_ = 0;
};

}  // namespace gatehouse::core
