// SPDX-License-Identifier: Apache-2.0
// Schedules the TLS handshakes of one worker.  A handshake step costs up to a millisecond,
// so one turn of the loop runs only a few.  A limit bounds the handshakes in progress;
// further clients wait in the order in which they came.  Owned by the Worker.
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
    /// A client's slot for a handshake in progress.  The destructor gives it back.
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

    /// `id` can continue its handshake or wants to begin one.  Call once per turn.
    void wants_turn(std::uint64_t id) { ready_.push_back(id); }
    /// Whether `id`, whose turn it is, may begin.  If not, it is queued for another turn.
    bool may_begin(std::uint64_t id) {
        if (running_ < limit_ && (waiting_.empty() || chosen_ == id)) return true;
        waiting_.push_back(id);
        return false;
    }
    /// Returns the next client, which may have disconnected since.
    std::optional<std::uint64_t> next() {
        std::deque<std::uint64_t>& from = may_choose() ? waiting_ : ready_;
        if (from.empty()) return std::nullopt;
        const std::uint64_t id = from.front();
        from.pop_front();
        chosen_ = id;
        return id;
    }
    /// Whether next() returns a client.
    bool any() const { return may_choose() || !ready_.empty(); }

private:
    bool may_choose() const { return running_ < limit_ && !waiting_.empty(); }

    std::size_t limit_ = 1'000, running_ = 0;
    std::deque<std::uint64_t> ready_, waiting_;
    std::uint64_t chosen_ = 0;
};

}  // namespace gatehouse::core
