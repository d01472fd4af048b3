// SPDX-License-Identifier: Apache-2.0
// When clients last presented their keys to this process.  [any thread]
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace gatehouse::managed_keys {

/// Has an entry for each key that was accepted once.
class KeyUses {
public:
    /// Those of the process, which a reload keeps.
    static KeyUses& of_process() {
        static auto* const uses = new KeyUses;  // plugins are never unloaded
        return *uses;
    }

    /// The key with this id was accepted at `now`, in Unix seconds.
    void note(std::string_view id, std::int64_t now) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = last_.find(id); found != last_.end())
                return found->second.store(now, std::memory_order_relaxed);
        }
        const std::unique_lock lock(mutex_);
        last_.try_emplace(std::string(id)).first->second = now;
    }

    /// 0: never.
    std::int64_t last(std::string_view id) const {
        const std::shared_lock lock(mutex_);
        const auto found = last_.find(id);
        return found == last_.end() ? 0 : found->second.load(std::memory_order_relaxed);
    }

private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, std::atomic<std::int64_t>, std::less<>> last_;
};

}  // namespace gatehouse::managed_keys
