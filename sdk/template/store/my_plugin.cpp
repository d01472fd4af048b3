// SPDX-License-Identifier: Apache-2.0
// A store in memory.  Change it into your own.
//
// `gatehouse plugin-check` compares each answer with the contract of store.hpp, also with many
// threads at once.
#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <map>
#include <mutex>

using namespace gatehouse;

namespace {

using Time = std::chrono::system_clock::time_point;

// The keys of [store.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml store my_plugin` prints them.
struct Options {
    std::int64_t max_records = 10'000;
};

const Fields<Options> fields = {
    ranged("max_records", &Options::max_records, 1, 1'000'000,
           "Maximum number of documents; beyond it, the oldest document is removed."),
};

template <typename Value>
struct Expiring {
    Value value = {};
    Time expires = {};
};
using Documents = std::map<StoreKey, Expiring<Record>>;
struct Level {
    std::int64_t amount = 0;
    Time changed = {};
};
using Counters = std::map<StoreKey, Expiring<Level>>;

// The entry, or null if it does not exist or has expired.
template <typename Map>
auto live(const Map& map, const StoreKey& key, Time now) -> const typename Map::mapped_type* {
    const auto found = map.find(key);
    return found != map.end() && found->second.expires > now ? &found->second : nullptr;
}

std::size_t bytes_of(const StoreKey& key) { return key.owner.size() + key.space.size() + key.id.size(); }

Result<void> check(const StoreKey& key, std::chrono::milliseconds keep_for) {
    if (bytes_of(key) > longest_store_key)
        return Error{ErrorKind::bad_request, "the key of the record is too long"};
    if (keep_for.count() <= 0) return Error{ErrorKind::bad_request, "the record would expire at once"};
    return {};
}

// The value of a counter now; 0 if it does not exist.
std::int64_t amount_of(const Expiring<Level>* counter, const Drain& drain, Time now) {
    if (!counter) return 0;
    const auto elapsed = std::chrono::duration_cast<std::chrono::microseconds>(now - counter->value.changed);
    return drained(counter->value.amount, elapsed, drain);
}

// A long time would overflow the clock.
Time expiry(Time now, std::chrono::milliseconds keep_for) {
    return now + std::min<std::chrono::milliseconds>(keep_for, std::chrono::hours(24 * 365));
}

// Many threads may call its members at once.  Completions are called without the lock.
class Shelf final : public Store {
public:
    Shelf(const Options& options, Host& host)
        : host_(host),
          max_records_(static_cast<std::size_t>(options.max_records)),
          version_(static_cast<std::uint64_t>(host.now().time_since_epoch().count())) {}

    void get(std::vector<StoreKey> keys, std::size_t max_bytes,
             Completion<std::vector<std::optional<Record>>> done) override {
        std::vector<std::optional<Record>> found;
        std::size_t bytes = 0;
        std::unique_lock lock(mutex_);
        for (const StoreKey& key : keys) {
            const auto* document = live(documents_, key, host_.now());
            found.push_back(document ? std::optional(document->value) : std::nullopt);
            bytes += document ? document->value.body.size() : 0;
            if (bytes > max_bytes) break;
        }
        lock.unlock();
        if (bytes > max_bytes) return done(Error{ErrorKind::too_large, "the records are too large"});
        done(std::move(found));
    }

    void put(Put document, Completion<std::uint64_t> done) override {
        std::unique_lock lock(mutex_);
        auto version = put_now(std::move(document));
        lock.unlock();
        done(std::move(version));
    }

    void erase(StoreKey key, Completion<bool> done) override {
        std::unique_lock lock(mutex_);
        const bool was_there = live(documents_, key, host_.now());
        documents_.erase(key);
        lock.unlock();
        done(was_there);
    }

    void add(std::vector<Count> changes, Completion<Counts> done) override {
        std::unique_lock lock(mutex_);
        auto counts = add_now(changes);
        lock.unlock();
        done(std::move(counts));
    }

    bool shared() const override { return false; }

    StoreSize size() const override {
        std::lock_guard lock(mutex_);
        StoreSize size{documents_.size() + counters_.size(), 0};
        for (const auto& [key, document] : documents_)
            size.bytes += bytes_of(key) + document.value.body.size();
        for (const auto& [key, counter] : counters_) size.bytes += bytes_of(key);
        return size;
    }

private:
    Result<std::uint64_t> put_now(Put document) {
        if (auto ok = check(document.key, document.keep_for); !ok) return ok.error();
        const auto* old = live(documents_, document.key, host_.now());
        if (document.expected && *document.expected != (old ? old->value.version : 0))
            return Error{ErrorKind::conflict, "the record has another version"};
        const Time expires = expiry(host_.now(), document.keep_for);
        documents_[document.key] = {{std::move(document.body), ++version_}, expires};
        if (documents_.size() > max_records_)
            documents_.erase(std::min_element(documents_.begin(), documents_.end(), [](auto& a, auto& b) {
                return a.second.value.version < b.second.value.version;
            }));
        return version_;
    }

    // All counters change, or none.
    Result<Counts> add_now(const std::vector<Count>& changes) {
        const Time now = host_.now();
        Counters changed = counters_;
        Counts counts{.added = true};
        for (const Count& change : changes) {
            if (auto ok = check(change.key, change.keep_for); !ok) return ok.error();
            const bool drains = change.drain.amount != 0;
            if (change.drain.amount < 0 || (drains && change.drain.time.count() <= 0))
                return Error{ErrorKind::bad_request, "the counter cannot drain"};
            const auto* old = live(changed, change.key, now);
            std::int64_t sum = 0;
            if (__builtin_add_overflow(amount_of(old, change.drain, now), change.amount, &sum) ||
                (change.amount > 0 && sum > change.limit))
                counts.added = false;
            if (drains) sum = std::max<std::int64_t>(sum, 0);
            counts.values.push_back(sum);
            if (change.amount != 0)
                changed[change.key] = {{sum, now},
                                       old && !drains ? old->expires : expiry(now, change.keep_for)};
        }
        if (counts.added) counters_ = std::move(changed);
        for (std::size_t i = 0; i < changes.size() && !counts.added; ++i) {
            const auto* old = live(counters_, changes[i].key, now);
            counts.values[i] = amount_of(old, changes[i].drain, now);
        }
        return counts;
    }

    Host& host_;
    const std::size_t max_records_;
    mutable std::mutex mutex_;
    std::uint64_t version_;  // never given twice, also by an earlier process
    Documents documents_;
    Counters counters_;
};

}  // namespace

GATEHOUSE_PLUGIN(Shelf, Options, fields, "my_plugin", "0.1.0");
