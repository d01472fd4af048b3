// SPDX-License-Identifier: Apache-2.0
// Selects the instance that owns a waiting change, and so sends it: an instance with the same store.
#include "plugins/limiter/quota/settlements.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::chrono::hours ten_years{24 * 3'650};

std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

/// Writes the number of a new store.  A store that has a number refuses the change, and returns its number.
Count mark_of_store() {
    std::random_device device;
    const std::int64_t number = 1 + std::int64_t{device()} * (1 << 20) + device() % (1 << 20);
    return {
        .key = {.space = "limits", .id = "store"}, .amount = number, .keep_for = ten_years, .limit = number};
}

}  // namespace

void Settlements::end() {
    Instances others;
    const std::lock_guard lock(backlog_->mutex);
    std::erase_if(backlog_->instances, [this](const auto& one) { return one.lock().get() == this; });
    others = instances();
    share_out(others);
}

// The first call also opens the store's file or connection, for which no request should wait.
void Settlements::learn() {
    {
        const std::lock_guard lock(backlog_->mutex);
        if (mark_->number || std::exchange(learns_, true)) return;
    }
    ask_for_number();
}

/// Whether the store still has its counters.  It may be emptied while the gateway runs.
void Settlements::look_again() {
    if (!has_budgets_) return;
    const std::int64_t now = seconds_of(host_.now());
    std::int64_t last = looked_s_;
    if (now >= last && now < last + look_s) return;
    if (looked_s_.compare_exchange_strong(last, now)) ask_for_number();
}

void Settlements::ask_for_number() {
    looked_s_ = seconds_of(host_.now());
    store_.add({mark_of_store()}, Completion<Counts>([self = shared_from_this()](Result<Counts> counts) {
                   self->learned(counts);
               }));
}

void Settlements::learned(const Result<Counts>& counts) {
    Instances all;
    const std::lock_guard lock(backlog_->mutex);
    learns_ = false;
    if (counts && !counts->values.empty()) {
        const std::int64_t number = counts->values.front();
        const bool was_emptied = last_number_ != 0 && number != last_number_;
        last_number_ = number;
        // Changes that wait keep the number of the store that has their reservations.
        if (!mark_->number) mark_->number = number;
        is_marked_ = true;
        if ((counts->added || was_emptied) && has_budgets_)
            host_.log(
                Level::warning, "budgets begin at zero",
                {{"reason", was_emptied ? "the store was emptied, or another store replaced it"
                                        : "the store is new, or loses its counters when the process ends"}});
    }
    all = instances();
    share_out(all);
}

// REQUIRES: the backlog's mutex.  A store that was never reached has none of the reservations that the change
// replaces, and so any store may get the change.
bool Settlements::is_foreign(const Settlement& what) const {
    return what.store->number && mark_->number && what.store->number != mark_->number;
}

// REQUIRES: the backlog's mutex.
Instances Settlements::instances() const {
    Instances all;
    for (const auto& one : backlog_->instances)
        if (auto instance = one.lock()) all.push_back(std::move(instance));
    return all;
}

// REQUIRES: the backlog's mutex.
bool Settlements::has_store_of(const Settlement& what) const {
    return what.store == mark_ || (mark_->number && what.store->number == mark_->number);
}

// REQUIRES: the backlog's mutex.  Null if all instances have other stores.
Settlements* Settlements::sender(const Settlement& what, const Instances& instances) {
    const auto newest = [&](auto&& accepts) {
        const auto at = std::find_if(instances.rbegin(), instances.rend(), accepts);
        return at == instances.rend() ? nullptr : at->get();
    };
    if (auto* found = newest([&](const auto& one) { return one->has_store_of(what); })) return found;
    return newest([&](const auto& one) { return !one->is_foreign(what); });
}

// REQUIRES: the backlog's mutex.  Schedules an instance for each change that waits.
void Settlements::share_out(const Instances& instances) {
    const std::size_t lost = std::erase_if(backlog_->waiting, [&](const Settlement& what) {
        Settlements* one = sender(what, instances);
        if (one) one->schedule(retry_time);
        return !one;
    });
    if (backlog_->waiting.empty() && backlog_->trying == 0) backlog_->reported = false;
    if (lost) lose(lost);
}

// REQUIRES: the backlog's mutex.
void Settlements::lose(std::size_t count) {
    lost_.add(static_cast<double>(count));
    show_pending();
    host_.log(Level::error, "costs lost: no limiter with their store is left",
              {{"count", std::to_string(count)}});
}

/// Whether the store has to tell its number first, because changes of another instance wait.
bool Settlements::must_learn() {
    const std::lock_guard lock(backlog_->mutex);
    if (mark_->number || std::ranges::none_of(backlog_->waiting, [this](const Settlement& what) {
            return what.store != mark_ && what.store->number;
        }))
        return false;
    scheduled_ = false;
    return true;
}

}  // namespace gatehouse::quota
