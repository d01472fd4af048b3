// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/store/counters.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::stores {

namespace {

std::size_t size_of(const StoreKey& key) { return bytes_of(key) + sizeof(std::int64_t); }

/// The value before change `index`: an earlier change may have the same counter.
const std::int64_t* changed_before(const std::vector<Count>& changes, const std::vector<std::int64_t>& values,
                                   std::size_t index) {
    for (std::size_t i = index; i-- > 0;)
        if (changes[i].key == changes[index].key) return &values[i];
    return nullptr;
}

}  // namespace

const Counter* Counters::find(const StoreKey& key, Time now) const {
    const auto found = all_.find(key);
    return found == all_.end() || found->second.expires <= now ? nullptr : &found->second;
}

std::int64_t Counters::value_of(const Count& change, Time now) const {
    const Counter* counter = find(change.key, now);
    if (!counter) return 0;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - counter->changed);
    return drained(counter->value, elapsed, change.drain);
}

Result<void> Counters::check(const std::vector<Count>& changes, Time now) {
    for (const Count& change : changes) {
        if (auto ok = stores::check(change.key, change.keep_for); !ok) return ok;
        if (auto ok = stores::check(change.drain); !ok) return ok;
    }
    auto has_room = [&] {
        const auto made = std::ranges::count_if(
            changes, [&](const Count& change) { return change.amount != 0 && !all_.contains(change.key); });
        return made == 0 || all_.size() + static_cast<std::size_t>(made) <= max_;
    };
    if (has_room()) return {};
    remove_expired(now);
    if (has_room()) return {};
    return Error{.kind = ErrorKind::unavailable,
                 .message = "the store has its maximum of " + std::to_string(max_) + " counters",
                 .retry_after_seconds = 1};
}

// Computes all values first, then writes them.
Result<Counts> Counters::add(const std::vector<Count>& changes, Time now) {
    if (auto ok = check(changes, now); !ok) return ok.error();
    Counts counts{.added = true, .values = {}};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const std::int64_t* earlier = changed_before(changes, counts.values, i);
        const std::int64_t value = earlier ? *earlier : value_of(changes[i], now);
        std::int64_t sum = 0;
        const bool fits = !__builtin_add_overflow(value, changes[i].amount, &sum) &&
                          (changes[i].amount <= 0 || sum <= changes[i].limit);
        if (changes[i].drain.amount > 0) sum = std::max<std::int64_t>(sum, 0);
        counts.added &= fits;
        counts.values.push_back(fits ? sum : value);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const Count& change = changes[i];
        if (!counts.added)
            counts.values[i] = value_of(change, now);
        else if (const Counter* old = find(change.key, now);
                 old && change.amount != 0 && change.drain.amount == 0)
            set(change.key, {counts.values[i], old->expires, now});
        else if (change.amount != 0)
            set(change.key, {counts.values[i], expiry(now, change.keep_for), now});
    }
    return counts;
}

void Counters::set(StoreKey key, Counter counter) {
    const std::size_t size = size_of(key);
    const auto [at, is_new] = all_.insert_or_assign(std::move(key), counter);
    if (is_new) bytes_ += size;
}

void Counters::remove_expired(Time now) {
    std::erase_if(all_, [&](const auto& entry) {
        if (entry.second.expires > now) return false;
        bytes_ -= size_of(entry.first);
        return true;
    });
}

}  // namespace gatehouse::stores
