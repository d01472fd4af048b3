// SPDX-License-Identifier: Apache-2.0
// When clients last presented their keys.  [any thread]
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

namespace gatehouse::managed_keys {

/// Has an entry for each key that was accepted once, by this gateway or by another one of the same store.
class KeyUses {
public:
    /// Those of the process, which a reload keeps.
    static KeyUses& of_process() {
        static auto* const uses = new KeyUses;  // plugins are never unloaded
        return *uses;
    }

    /// The key with this id was accepted at `when`, in Unix seconds.  An earlier time than the known one
    /// changes nothing.
    void note(std::string_view id, std::int64_t when) {
        const std::uint64_t place = std::hash<std::string_view>()(id);
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = last_.find(place); found != last_.end()) return raise(found->second, when);
        }
        const std::unique_lock lock(mutex_);
        raise(last_.try_emplace(place).first->second, when);
    }

    /// 0: never.
    std::int64_t last(std::string_view id) const {
        const std::shared_lock lock(mutex_);
        const auto found = last_.find(std::hash<std::string_view>()(id));
        return found == last_.end() ? 0 : found->second.load(std::memory_order_relaxed);
    }

private:
    static void raise(std::atomic<std::int64_t>& last, std::int64_t when) {
        std::int64_t before = last.load(std::memory_order_relaxed);
        while (before < when && !last.compare_exchange_weak(before, when, std::memory_order_relaxed)) {
        }
    }

    mutable std::shared_mutex mutex_;
    // By the hash of the id, because 100,000 ids would take megabytes.
    std::unordered_map<std::uint64_t, std::atomic<std::int64_t>> last_;
};

}  // namespace gatehouse::managed_keys
