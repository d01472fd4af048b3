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

/// Returns the failure, or nothing.
std::string Engine::flush(Host& host) {
    Callers callers;
    const std::string failure = write(host, callers);
    const bool is_good = failure.empty();
    for (Spend& spend : callers.spends)
        (*spend.done)(is_good ? Result<Counts>(std::move(spend.counts)) : unavailable(failure));
    for (const Save& one : callers.saves)
        (*one.done)(is_good ? Result<std::uint64_t>(one.version) : unavailable(failure));
    return failure;
}

// On a helper thread.  The file may have the document already when the caller is added, by another task.
void Engine::save(Host& host, std::shared_ptr<Put> document,
                  std::shared_ptr<Completion<std::uint64_t>> done) {
    Result<std::uint64_t> version = Error{};
    try {
        const StoreKey key = document->key;
        version = put_if(host, *document);
        if (version) {
            const std::lock_guard lock(mutex_);
            callers_.saves.push_back({key, *version, done});
        }
    } catch (const SqliteError& error) {
        report(host, error.what());
        version = unavailable(error.what());
    }
    if (!version) return (*done)(std::move(version));
    (void)flush(host);
}

// Returns the failure, or nothing.
std::string Engine::write(Host& host, Callers& callers) {
    std::lock_guard file_lock(file_mutex_);
    const Time now = host.now();
    CounterValues counters;
    Bounds bounds{};
    {
        std::lock_guard lock(mutex_);
        scheduled_ = urgent_ = false;
        callers = std::exchange(callers_, {});
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
    if (!failure.empty()) undo(callers, now);
    return failure;
}

// The callers are told that nothing has changed.
void Engine::undo(const Callers& callers, Time now) {
    std::lock_guard lock(mutex_);
    for (const Save& one : callers.saves) {
        const auto found = waiting_.find(one.key);
        if (found == waiting_.end() || found->second.version != one.version) continue;
        waiting_bytes_ -= size_of(found->first, found->second);
        waiting_.erase(found);
    }
    for (const Spend& spend : callers.spends) {
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
    const std::string failure = flush(host);
    std::lock_guard lock(mutex_);
    if (!failure.empty())
        host.log(
            Level::error, "records lost",
            {{"count", std::to_string(waiting_.size() + changed_counters_.size())}, {"reason", failure}});
    scheduled_ = urgent_ = false;  // the host drops the tasks
}

}  // namespace gatehouse::sqlite_store
