// SPDX-License-Identifier: Apache-2.0
// The engine's accepted changes on their way to the file: groups, spent money, and what a failure leaves.
#include "plugins/store/sqlite/engine.hpp"

#include <limits>
#include <utility>

namespace gatehouse::sqlite_store {

/// Whether a new document of the gateway fits, as all of them are never dropped.
Result<void> Engine::has_room(const Put& document) const {
    StoreSize all = of_gateway_;
    for (const Changes* changes : {&waiting_, &writing_})
        for (const auto& [key, change] : *changes) {
            if (!change.body || !stores::belongs_to_gateway(key)) continue;
            ++all.records;
            all.bytes += size_of(key, change);
        }
    const std::size_t size = stores::bytes_of(document.key) + document.body.size();
    const bool fits = all.bytes + size <= bounds_.bytes && all.records < bounds_.records;
    return fits ? Result<void>() : stores::full();
}

CounterValues Engine::take_counters(Time now) {
    CounterValues values;
    for (const StoreKey& key : changed_counters_)
        if (const Counter* counter = counters_.find(key, now)) values.emplace_back(key, *counter);
    changed_counters_.clear();
    return values;
}

void Engine::flush(Host& host) {
    std::vector<Spend> spends;
    const std::string failure = write(host, spends);
    for (Spend& spend : spends)
        (*spend.done)(failure.empty() ? Result<Counts>(std::move(spend.counts)) : unavailable(failure));
}

// Returns the failure, or nothing.
std::string Engine::write(Host& host, std::vector<Spend>& spends) {
    std::lock_guard file_lock(file_mutex_);
    const Time now = host.now();
    CounterValues counters;
    Bounds bounds{};
    {
        std::lock_guard lock(mutex_);
        scheduled_ = urgent_ = false;
        spends.swap(spends_);
        if (waiting_.empty() && changed_counters_.empty()) return {};
        writing_.swap(waiting_);
        counters = take_counters(now);
        bounds = bounds_;
    }
    std::string failure;
    try {
        open(host);
        file_->write(writing_, counters, bounds, stores::ms_of(now));
    } catch (const SqliteError& error) {
        failure = error.what();
    }
    if (failure.empty())
        succeeded(host);
    else
        failed(host, failure);
    settle(host, failure.empty(), counters);
    if (!failure.empty()) undo(spends, now);
    return failure;
}

// The callers are told that the counters have not changed.
void Engine::undo(const std::vector<Spend>& spends, Time now) {
    std::lock_guard lock(mutex_);
    for (const Spend& spend : spends) {
        std::vector<Count> back = spend.changes;
        for (Count& change : back) {
            change.amount = -change.amount;
            change.limit = std::numeric_limits<std::int64_t>::max();
        }
        (void)counters_.add(back, now);
    }
}

// After a failure everything waits again; a later change of the same document stays.
void Engine::settle(Host& host, bool written, const CounterValues& counters) {
    Changes gone;  // destroyed without the lock
    std::lock_guard lock(mutex_);
    if (written) {
        ++writes_;
        gone.swap(writing_);
        for (const auto& [key, change] : gone) waiting_bytes_ -= size_of(key, change);
        written_ = {file_->records(), file_->bytes()};
        of_gateway_ = file_->of_gateway();
        if (!waiting_.empty() || !changed_counters_.empty()) schedule(host, group_time);
        return;
    }
    for (auto& [key, change] : writing_)
        if (!waiting_.try_emplace(key, change).second) waiting_bytes_ -= size_of(key, change);
    writing_.swap(gone);
    for (const auto& [key, counter] : counters) changed_counters_.insert(key);
    schedule(host, retry_time);
}

void Engine::leave(Host& host) {
    flush(host);
    std::lock_guard lock(mutex_);
    scheduled_ = urgent_ = false;  // the host drops the tasks
}

}  // namespace gatehouse::sqlite_store
