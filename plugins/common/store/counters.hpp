// SPDX-License-Identifier: Apache-2.0
// The counters of a store, in memory: several change together or none does.  A counter stays
// until it expires.  Not synchronized; its owner has the lock.
#pragma once

#include "plugins/common/store/rules.hpp"

#include <unordered_map>
#include <vector>

namespace gatehouse::stores {

struct Counter {
    std::int64_t value = 0;
    Time expires{};
    Time changed{};  // when it last began to drain
};

class Counters {
public:
    /// More than `max` counters fail with `unavailable`.
    explicit Counters(std::size_t max) : max_(max) {}

    void set_max(std::size_t max) { max_ = max; }
    Result<Counts> add(const std::vector<Count>& changes, Time now);
    void set(StoreKey key, Counter counter);
    /// The counter, or null if it does not exist or has expired.
    const Counter* find(const StoreKey& key, Time now) const;
    void remove_expired(Time now);
    template <typename Each>
    void each(Each&& each) const {
        for (const auto& [key, counter] : all_) each(key, counter);
    }

    std::size_t size() const { return all_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    std::vector<Counter*> places(const std::vector<Count>& changes, std::size_t& missing);
    Result<void> make_room(const std::vector<Count>& changes, std::vector<Counter*>& at, std::size_t missing,
                           Time now);
    void write(const Count& change, Counter* counter, std::int64_t value, Time now);

    std::size_t max_;
    std::size_t bytes_ = 0;
    std::unordered_map<StoreKey, Counter, KeyHash> all_;
};

}  // namespace gatehouse::stores
