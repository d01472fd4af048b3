// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/sqlite/engine.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace gatehouse::sqlite_store {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_waiting = 33'554'432;  // bytes of accepted changes

bool is_spend(const Count& change) { return change.amount > 0 && change.drain.amount == 0; }

}  // namespace

Error Engine::unavailable(const std::string& reason) {
    return {.kind = ErrorKind::unavailable,
            .message = "the store is not available",
            .detail = reason,
            .retry_after_seconds = 1};
}

std::size_t Engine::size_of(const StoreKey& key, const Change& change) {
    return stores::bytes_of(key) + (change.body ? change.body->size() : 0);
}

std::shared_ptr<Engine> Engine::of(const std::string& path, const Bounds& bounds) {
    static std::mutex mutex;
    static auto* const engines =
        new std::map<std::string, std::weak_ptr<Engine>>;  // plugins are never unloaded
    std::lock_guard lock(mutex);
    auto engine = (*engines)[path].lock();
    if (!engine) {
        engine = std::make_shared<Engine>(path, bounds);
        (*engines)[path] = engine;
    }
    std::lock_guard inner(engine->mutex_);
    engine->bounds_ = bounds;
    engine->counters_.set_max(bounds.counters);
    return engine;
}

Engine::Engine(std::string path, const Bounds& bounds)
    : path_(std::move(path)), bounds_(bounds), counters_(bounds.counters) {}

/// Calls work() on a helper thread with the file open, and completes with its result.  A file that does not
/// exist is made only if `makes_file`.
template <typename T, typename Work>
void Engine::run(Host& host, Completion<T> done, Work work, bool makes_file) {
    auto shared = std::make_shared<Completion<T>>(std::move(done));
    host.run([self = shared_from_this(), &host, shared, work = std::move(work), makes_file]() mutable {
        Result<T> result = unavailable("");
        try {
            {
                std::lock_guard lock(self->file_mutex_);
                if (makes_file || !self->has_no_file()) self->open(host);
            }
            result = work(*self);
        } catch (const SqliteError& error) {
            self->report(host, error.what());
            result = unavailable(error.what());
        }
        (*shared)(std::move(result));
    });
}

const Change* Engine::accepted(const StoreKey& key) const {
    for (const Changes* changes : {&waiting_, &writing_})
        if (const auto found = changes->find(key); found != changes->end()) return &found->second;
    return nullptr;
}

Result<void> Engine::accepts() const {
    if (!failure_.empty()) return unavailable(failure_);
    if (waiting_bytes_ > most_waiting) return unavailable("the disk is too slow");
    return {};
}

std::uint64_t Engine::accept(Host& host, const StoreKey& key, Change change) {
    change.version = ++version_;
    waiting_bytes_ += size_of(key, change);
    Change& place = waiting_[key];
    if (place.version != 0) waiting_bytes_ -= size_of(key, place);
    place = std::move(change);
    schedule(host, group_time);
    return version_;
}

void Engine::schedule(Host& host, milliseconds delay) {
    if (std::exchange(scheduled_, true)) return;
    host.after(delay, [weak = weak_from_this(), &host] {
        if (auto self = weak.lock()) host.run([self, &host] { (void)self->flush(host); });
    });
}

void Engine::get(Host& host, std::vector<StoreKey> keys, std::size_t max_bytes, Completion<Records> done) {
    auto work = [keys = std::move(keys), max_bytes, &host](Engine& engine) -> Result<Records> {
        Records records(keys.size());
        try {
            engine.read(host, keys, max_bytes, records);
        } catch (const std::length_error&) {
            return stores::answer_too_large();
        }
        return records;
    };
    run(host, std::move(done), std::move(work), false);
}

// Looks at the accepted changes first.  A change that is written meanwhile is in the file by then.
void Engine::read(Host& host, const std::vector<StoreKey>& keys, std::size_t max_bytes, Records& records) {
    const std::int64_t now = stores::ms_of(host.now());
    std::vector<std::optional<Change>> changes;
    {
        std::lock_guard lock(mutex_);
        for (const StoreKey& key : keys) {
            const Change* change = accepted(key);
            changes.push_back(change ? std::optional(*change) : std::nullopt);
        }
    }
    std::size_t bytes = 0;
    auto take = [&](std::size_t more) {
        bytes += more;
        if (bytes > max_bytes) throw std::length_error("too large");
    };
    std::lock_guard lock(file_mutex_);
    const bool is_empty = has_no_file();
    if (!is_empty) open(host);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (const auto& change = changes[i]) {
            if (!change->body || change->expires <= now) continue;
            take(change->body->size());
            records[i] = Record{*change->body, change->version};
        } else if (const auto length = is_empty ? std::nullopt : file_->length(keys[i], now)) {
            take(*length);
            records[i] = file_->find(keys[i], now);
        }
    }
}

// Calls accept(version) with mutex_ locked and the document's version; 0 if it does not exist.
template <typename Accept>
auto Engine::with_version(Host& host, const StoreKey& key, Accept&& accept) {
    const std::int64_t now = stores::ms_of(host.now());
    for (;;) {
        std::unique_lock lock(mutex_);
        if (const Change* change = accepted(key))
            return accept(change->body && change->expires > now ? change->version : 0);
        const std::uint64_t writes = writes_;
        lock.unlock();
        std::uint64_t version = 0;
        {
            std::lock_guard file_lock(file_mutex_);
            open(host);
            version = file_->version(key, now);
        }
        lock.lock();
        if (writes_ == writes && !accepted(key)) return accept(version);
    }
}

void Engine::put(Host& host, Put document, Completion<std::uint64_t> done) {
    if (auto ok = stores::check(document.key, document.keep_for); !ok) return done(ok.error());
    const std::size_t size = stores::bytes_of(document.key) + document.body.size();
    auto shared = std::make_shared<Put>(std::move(document));
    std::unique_lock lock(mutex_);
    if (size > bounds_.record_bytes) {
        lock.unlock();
        return done(stores::larger_than("max_record_bytes"));
    }
    if (open_ && failure_.empty() && !shared->expected && !stores::belongs_to_gateway(shared->key)) {
        auto ok = accepts();
        const std::uint64_t version = ok ? put_now(host, *shared) : 0;
        lock.unlock();
        return done(ok ? Result<std::uint64_t>(version) : ok.error());
    }
    lock.unlock();
    if (!stores::belongs_to_gateway(shared->key))
        return run(host, std::move(done),
                   [shared, &host](Engine& engine) { return engine.put_if(host, *shared); });
    auto waits = std::make_shared<Completion<std::uint64_t>>(std::move(done));
    host.run([self = shared_from_this(), &host, shared, waits] { self->save(host, shared, waits); });
}

std::uint64_t Engine::put_now(Host& host, Put& document) {
    const Time expires = stores::expiry(host.now(), document.keep_for, bounds_.age);
    return accept(host, document.key,
                  {std::make_shared<const std::string>(std::move(document.body)), 0, stores::ms_of(expires)});
}

Result<std::uint64_t> Engine::put_if(Host& host, Put& document) {
    return with_version(host, document.key, [&](std::uint64_t version) -> Result<std::uint64_t> {
        if (document.expected && *document.expected != version) return stores::conflict();
        if (auto ok = accepts(); !ok) return ok.error();
        if (version == 0 && stores::belongs_to_gateway(document.key))
            if (auto ok = has_room(document); !ok) return ok.error();
        return put_now(host, document);
    });
}

void Engine::erase(Host& host, StoreKey key, Completion<bool> done) {
    run(host, std::move(done), [key = std::move(key), &host](Engine& engine) {
        return engine.with_version(host, key, [&](std::uint64_t version) -> Result<bool> {
            if (version == 0) return false;
            if (auto ok = engine.accepts(); !ok) return ok.error();
            engine.accept(host, key, {});
            return true;
        });
    });
}

void Engine::add(Host& host, std::vector<Count> changes, Completion<Counts> done) {
    std::unique_lock lock(mutex_);
    const bool usable = open_ && failure_.empty();
    lock.unlock();
    if (usable) return add_open(host, changes, std::move(done));
    auto shared = std::make_shared<Completion<Counts>>(std::move(done));
    host.run([self = shared_from_this(), &host, shared, changes = std::move(changes)] {
        try {
            {
                const std::lock_guard file_lock(self->file_mutex_);
                self->open(host);
            }
            self->add_open(host, changes, std::move(*shared));
        } catch (const SqliteError& error) {
            self->report(host, error.what());
            (*shared)(unavailable(error.what()));
        }
    });
}

void Engine::add_open(Host& host, const std::vector<Count>& changes, Completion<Counts> done) {
    std::unique_lock lock(mutex_);
    auto counts = add_now(host, changes);
    if (!counts || !counts->added || std::ranges::none_of(changes, is_spend)) {
        lock.unlock();
        return done(std::move(counts));
    }
    callers_.spends.push_back(
        {changes, *std::move(counts), std::make_shared<Completion<Counts>>(std::move(done))});
    const bool first = !std::exchange(urgent_, true);
    lock.unlock();
    // One task writes all that wait when it begins.
    if (first) host.run([self = shared_from_this(), &host] { (void)self->flush(host); });
}

Result<Counts> Engine::add_now(Host& host, const std::vector<Count>& changes) {
    if (auto ok = accepts(); !ok) return ok.error();
    auto counts = counters_.add(changes, host.now());
    if (!counts || !counts->added) return counts;
    for (const Count& change : changes)
        if (change.amount != 0) changed_counters_.insert(change.key);
    if (!changed_counters_.empty()) schedule(host, group_time);
    return counts;
}

StoreSize Engine::size() const {
    std::lock_guard lock(mutex_);
    return {written_.records + waiting_.size() + writing_.size() + counters_.size(),
            written_.bytes + waiting_bytes_ + counters_.bytes()};
}

}  // namespace gatehouse::sqlite_store
