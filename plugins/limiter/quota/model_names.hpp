// SPDX-License-Identifier: Apache-2.0
// The names of models and routes that have counters of their own.  Where a mapper accepts every name, a
// client could otherwise fill the store with counters.  Bounded.  [any thread]
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace gatehouse::quota {

class ModelNames {
public:
    /// The name of the counter of all other names.
    static constexpr std::string_view others = "(others)";

    /// The name of the counter for `name`, which `client` has sent: the name itself, or that of all other
    /// names if there are too many.
    std::string counted(const std::string& client, std::string_view name) {
        const std::lock_guard lock(mutex_);
        std::string own(name);
        if (known_.contains(own)) return own;
        if (known_.size() >= most) return std::string(others);
        std::size_t& sent = by_client_[client];
        if (sent >= most_by_client) return std::string(others);
        ++sent;
        known_.insert(own);
        return own;
    }

private:
    static constexpr std::size_t most = 2'000, most_by_client = 200;
    std::mutex mutex_;  // guards the next members
    std::unordered_set<std::string> known_;
    std::unordered_map<std::string, std::size_t> by_client_;  // names that a client was the first to send
};

}  // namespace gatehouse::quota
