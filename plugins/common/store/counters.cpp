// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/store/counters.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::stores {

namespace {

std::size_t size_of(const StoreKey& key) { return bytes_of(key) + sizeof(std::int64_t); }

/// The value after the change before `index` of the same counter, or null.  `at`: the counters that exist.
const std::int64_t* changed_before(const std::vector<Count>& changes, const std::vector<Counter*>& at,
                                   const std::vector<std::int64_t>& values, std::size_t index) {
    for (std::size_t i = index; i-- > 0;)
        if (at[i] == at[index] && (at[i] || changes[i].key == changes[index].key)) return &values[i];
    return nullptr;
}

std::int64_t value_of(const Counter* counter, const Drain& drain, Time now) {
    if (!counter || counter->expires <= now) return 0;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - counter->changed);
    return drained(counter->value, elapsed, drain);
}

}  // namespace

const Counter* Counters::find(const StoreKey& key, Time now) const {
    const auto found = all_.find(key);
    return found == all_.end() || found->second.expires <= now ? nullptr : &found->second;
}

// Looks each counter up once: the look-ups are most of the cost of an add().
std::vector<Counter*> Counters::places(const std::vector<Count>& changes, std::size_t& missing) {
    std::vector<Counter*> at;
    at.reserve(changes.size());
    missing = 0;
    for (const Count& change : changes) {
        const auto found = all_.find(change.key);
        at.push_back(found == all_.end() ? nullptr : &found->second);
        missing += !at.back() && change.amount != 0;
    }
    return at;
}

Result<void> Counters::make_room(const std::vector<Count>& changes, std::vector<Counter*>& at,
                                 std::size_t missing, Time now) {
    auto has_room = [&] { return missing == 0 || all_.size() + missing <= max_; };
    if (has_room()) return {};
    remove_expired(now);
    at = places(changes, missing);
    if (has_room()) return {};
    return Error{.kind = ErrorKind::unavailable,
                 .message = "the store has its maximum of " + std::to_string(max_) + " counters",
                 .retry_after_seconds = 1};
}

// Computes all values first, then writes them.
Result<Counts> Counters::add(const std::vector<Count>& changes, Time now) {
    for (const Count& change : changes) {
        if (auto ok = stores::check(change.key, change.keep_for); !ok) return ok.error();
        if (auto ok = stores::check(change.drain); !ok) return ok.error();
    }
    std::size_t missing = 0;
    std::vector<Counter*> at = places(changes, missing);
    if (auto ok = make_room(changes, at, missing, now); !ok) return ok.error();
    Counts counts{.added = true, .values = {}};
    counts.values.reserve(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const std::int64_t* earlier = changed_before(changes, at, counts.values, i);
        const std::int64_t value = earlier ? *earlier : value_of(at[i], changes[i].drain, now);
        std::int64_t sum = 0;
        const bool fits = !__builtin_add_overflow(value, changes[i].amount, &sum) &&
                          (changes[i].amount <= 0 || sum <= changes[i].limit);
        if (changes[i].drain.amount > 0) sum = std::max<std::int64_t>(sum, 0);
        counts.added &= fits;
        counts.values.push_back(fits ? sum : value);
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (!counts.added)
            counts.values[i] = value_of(at[i], changes[i].drain, now);
        else if (changes[i].amount != 0)
            write(changes[i], at[i], counts.values[i], now);
    }
    return counts;
}

/// `counter`: null if it did not exist before the call.
void Counters::write(const Count& change, Counter* counter, std::int64_t value, Time now) {
    bool is_new = false;
    if (!counter) {
        const auto made = all_.try_emplace(change.key);
        counter = &made.first->second;
        is_new = made.second;
        if (is_new) bytes_ += size_of(change.key);
    }
    const bool keeps = !is_new && counter->expires > now && change.drain.amount == 0;
    *counter = {value, keeps ? counter->expires : expiry(now, change.keep_for), now};
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
