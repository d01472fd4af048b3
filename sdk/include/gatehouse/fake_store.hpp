// SPDX-License-Identifier: Apache-2.0
// A Store for tests, which shows the contract of store.hpp in its shortest form: two maps, a
// clock that stands still, completions at once.  [any thread]
#pragma once

#include "gatehouse/store.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace gatehouse::testing {

class FakeStore : public Store {
public:
    std::chrono::milliseconds time{};  // move it to let records expire
    std::optional<Error> failure;      // if set, every call fails with it
    bool holds = false;                // if set, calls complete in release() only
    bool is_shared = false;

    void get(std::vector<StoreKey> keys, std::size_t max_bytes,
             Completion<std::vector<std::optional<Record>>> done) override {
        complete(std::move(done), [&]() -> Result<std::vector<std::optional<Record>>> {
            std::vector<std::optional<Record>> found;
            std::size_t bytes = 0;
            for (const StoreKey& key : keys) {
                const Document* document = live(documents_, key);
                found.push_back(document ? std::optional(document->value) : std::nullopt);
                if (document) bytes += document->value.body.size();
            }
            if (bytes > max_bytes) return Error{ErrorKind::too_large, "the records are too large"};
            return found;
        });
    }

    void put(Put put, Completion<std::uint64_t> done) override {
        complete(std::move(done), [&]() -> Result<std::uint64_t> {
            if (auto ok = check(put.key, put.keep_for); !ok) return ok.error();
            const Document* old = live(documents_, put.key);
            if (put.expected && *put.expected != (old ? old->value.version : 0))
                return Error{ErrorKind::conflict, "the record has another version"};
            documents_[put.key] = {{std::move(put.body), ++version_}, time + put.keep_for};
            return version_;
        });
    }

    void erase(StoreKey key, Completion<bool> done) override {
        complete(std::move(done), [&]() -> Result<bool> {
            const bool was_there = live(documents_, key);
            documents_.erase(key);
            return was_there;
        });
    }

    void add(std::vector<Count> changes, Completion<Counts> done) override {
        complete(std::move(done), [&]() -> Result<Counts> {
            auto changed = counters_;
            Counts counts{.added = true};
            for (const Count& change : changes) {
                if (auto ok = check(change.key, change.keep_for); !ok) return ok.error();
                if (change.drain.amount < 0 || (change.drain.amount > 0 && change.drain.time.count() <= 0))
                    return Error{ErrorKind::bad_request, "the counter cannot drain"};
                const Counter* old = live(changed, change.key);
                const std::int64_t value = old ? drained(*old, change.drain) : 0;
                std::int64_t sum = 0;
                const bool fits = !__builtin_add_overflow(value, change.amount, &sum);
                counts.added &= fits && (change.amount <= 0 || sum <= change.limit);
                if (change.drain.amount > 0) sum = std::max<std::int64_t>(sum, 0);
                counts.values.push_back(fits ? sum : value);
                const bool prolongs = !old || change.drain.amount > 0;
                if (change.amount != 0)
                    changed[change.key] = {{counts.values.back(), time},
                                           prolongs ? time + change.keep_for : old->expires};
            }
            if (counts.added)
                counters_ = std::move(changed);
            else
                for (std::size_t i = 0; i < changes.size(); ++i) {
                    const Counter* now = live(counters_, changes[i].key);
                    counts.values[i] = now ? drained(*now, changes[i].drain) : 0;
                }
            return counts;
        });
    }

    bool shared() const override { return is_shared; }

    StoreSize size() const override {
        std::lock_guard lock(mutex_);
        StoreSize size{documents_.size() + counters_.size(), 0};
        auto bytes = [](const StoreKey& key) { return key.owner.size() + key.space.size() + key.id.size(); };
        for (const auto& [key, document] : documents_) size.bytes += bytes(key) + document.value.body.size();
        for (const auto& [key, counter] : counters_) size.bytes += bytes(key) + sizeof counter.value.amount;
        return size;
    }

    /// Completes the calls that wait, in their order.
    void release() {
        std::deque<std::function<void()>> waiting;
        {
            std::lock_guard lock(mutex_);
            waiting.swap(waiting_);
        }
        for (auto& call : waiting) call();
    }

    std::size_t waiting() const {
        std::lock_guard lock(mutex_);
        return waiting_.size();
    }

private:
    template <typename Value>
    struct Expiring {
        Value value = {};
        std::chrono::milliseconds expires{};
    };
    using Document = Expiring<Record>;
    struct Level {
        std::int64_t amount = 0;
        std::chrono::milliseconds changed{};
    };
    using Counter = Expiring<Level>;

    std::int64_t drained(const Counter& counter, const Drain& drain) const {
        const auto [amount, changed] = counter.value;
        return gatehouse::drained(amount, time - changed, drain);
    }

    template <typename Map>
    auto live(const Map& map, const StoreKey& key) const -> const typename Map::mapped_type* {
        const auto found = map.find(key);
        return found != map.end() && found->second.expires > time ? &found->second : nullptr;
    }

    static Result<void> check(const StoreKey& key, std::chrono::milliseconds keep_for) {
        if (key.owner.size() + key.space.size() + key.id.size() > longest_store_key)
            return Error{ErrorKind::bad_request, "the key of the record is too long"};
        if (keep_for.count() <= 0) return Error{ErrorKind::bad_request, "the record would expire at once"};
        return {};
    }

    // Changes the maps now; completes now or in release(), outside the lock.
    template <typename T, typename Work>
    void complete(Completion<T> done, Work&& work) {
        std::unique_lock lock(mutex_);
        Result<T> result = failure ? Result<T>(*failure) : work();
        if (holds) {
            auto shared =
                std::make_shared<std::pair<Completion<T>, Result<T>>>(std::move(done), std::move(result));
            return waiting_.push_back([shared] { shared->first(std::move(shared->second)); });
        }
        lock.unlock();
        done(std::move(result));
    }

    mutable std::mutex mutex_;
    std::map<StoreKey, Document> documents_;
    std::map<StoreKey, Counter> counters_;
    std::uint64_t version_ = 0;
    std::deque<std::function<void()>> waiting_;
};

}  // namespace gatehouse::testing
