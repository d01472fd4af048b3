// SPDX-License-Identifier: Apache-2.0
// Counts the bytes that the process has allocated for its clients, and limits them.  It does
// not measure the resident size, because that stays high long after memory is freed, and a
// limit on it would reject all clients.
// Owned by Gateway.  [any thread]; a Reservation belongs to one thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <utility>

namespace gatehouse::core {

class MemoryBudget {
public:
    std::size_t held() const { return held_.load(std::memory_order_relaxed); }
    void set_limit(std::size_t bytes) { limit_.store(bytes, std::memory_order_relaxed); }
    /// Whether new requests should be rejected.
    bool full() const { return held() >= limit_.load(std::memory_order_relaxed); }

private:
    friend class Reservation;
    /// Counts `more`.  Returns false and counts nothing if the limit would be exceeded.
    bool try_add(std::size_t more) {
        const std::size_t limit = limit_.load(std::memory_order_relaxed);
        const std::size_t before = held_.fetch_add(more, std::memory_order_relaxed);
        if (before < limit && more <= limit - before) return true;
        held_.fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    void change(std::size_t before, std::size_t after) {
        held_.fetch_add(after - before, std::memory_order_relaxed);  // modulo arithmetic: `after` may be less
    }

    std::atomic<std::size_t> held_{0};
    std::atomic<std::size_t> limit_{std::numeric_limits<std::size_t>::max()};
};

/// The counted bytes of one holder.  The destructor releases them.
class Reservation {
public:
    explicit Reservation(MemoryBudget* memory = nullptr) : memory_(memory) {}
    ~Reservation() { set(0); }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    void set(std::size_t bytes) {
        if (bytes != bytes_ && memory_) memory_->change(std::exchange(bytes_, bytes), bytes);
    }
    void add(std::size_t bytes) { set(bytes_ + bytes); }
    /// As add().  Returns false and changes nothing if the limit would be exceeded.
    bool try_add(std::size_t bytes) {
        if (memory_ && !memory_->try_add(bytes)) return false;
        bytes_ += bytes;
        return true;
    }

private:
    MemoryBudget* memory_;
    std::size_t bytes_ = 0;
};

}  // namespace gatehouse::core
