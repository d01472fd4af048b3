// SPDX-License-Identifier: Apache-2.0
// A store in this process: its keys, its entry point and its lock.  Every call completes at
// once, on the caller's thread.  [any thread]
#include "plugins/common/store/counters.hpp"
#include "plugins/store/memory/documents.hpp"

#include <gatehouse/sdk.hpp>

#include <mutex>
#include <stdexcept>

namespace gatehouse::memory_store {

namespace {

struct Options {
    std::int64_t max_bytes = 268'435'456;
    std::int64_t max_bytes_per_owner = 67'108'864;
    std::int64_t max_records = 100'000;
    std::int64_t max_record_bytes = 16'777'216;
    std::int64_t max_counters = 100'000;
    std::int64_t max_age_s = 2'592'000;
};

constexpr std::int64_t most = 1'000'000'000'000;

const Fields<Options> fields = {
    ranged("max_bytes", &Options::max_bytes, 1'024, most,
           "Maximum bytes of all documents with their keys; beyond it, the oldest documents are removed."),
    ranged("max_bytes_per_owner", &Options::max_bytes_per_owner, 1'024, most,
           "Maximum bytes of the documents of one client; beyond it, its oldest documents are removed."),
    ranged("max_records", &Options::max_records, 1, most,
           "Maximum number of documents; beyond it, the oldest documents are removed."),
    ranged("max_record_bytes", &Options::max_record_bytes, 1'024, most,
           "Maximum bytes of one document with its key; a larger one is refused."),
    ranged("max_counters", &Options::max_counters, 1, most,
           "Maximum number of counters; beyond it, new counters are refused until others expire."),
    ranged("max_age_s", &Options::max_age_s, 1, 315'360'000,
           "Maximum lifetime of a document in seconds; a longer one is shortened."),
};

Bounds bounds_of(const Options& options) {
    if (options.max_record_bytes > options.max_bytes_per_owner)
        throw KeyError("max_record_bytes", "must not be larger than max_bytes_per_owner (" +
                                               std::to_string(options.max_bytes_per_owner) + ")");
    if (options.max_bytes_per_owner > options.max_bytes)
        throw KeyError("max_bytes_per_owner",
                       "must not be larger than max_bytes (" + std::to_string(options.max_bytes) + ")");
    auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    return {size(options.max_bytes), size(options.max_bytes_per_owner), size(options.max_records),
            size(options.max_record_bytes), std::chrono::seconds(options.max_age_s)};
}

/// A version that no earlier process has given.
std::uint64_t first_version(Time now) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count());
}

}  // namespace

class Memory final : public Store {
    template <typename Work>
    auto locked(Work&& work) const {
        std::lock_guard lock(mutex_);
        return work();
    }

public:
    Memory(const Options& options, Host& host)
        : host_(host),
          documents_(bounds_of(options), first_version(host.now())),
          counters_(static_cast<std::size_t>(options.max_counters)) {}

    void get(std::vector<StoreKey> keys, std::size_t max_bytes,
             Completion<std::vector<std::optional<Record>>> done) override {
        const auto views = find(keys);
        std::size_t bytes = 0;
        for (const auto& view : views) bytes += view ? view->body->size() : 0;
        if (bytes > max_bytes) return done(stores::answer_too_large());
        std::vector<std::optional<Record>> records;
        for (const auto& view : views)
            records.push_back(view ? std::optional(Record{*view->body, view->version}) : std::nullopt);
        done(std::move(records));
    }

    void put(Put document, Completion<std::uint64_t> done) override {
        done(locked([&] { return documents_.put(std::move(document), host_.now()); }));
    }
    void erase(StoreKey key, Completion<bool> done) override {
        done(locked([&] { return documents_.erase(key, host_.now()); }));
    }
    void add(std::vector<Count> changes, Completion<Counts> done) override {
        done(locked([&] { return counters_.add(changes, host_.now()); }));
    }
    bool shared() const override { return false; }
    StoreSize size() const override {
        return locked([&] {
            return StoreSize{documents_.size() + counters_.size(), documents_.bytes() + counters_.bytes()};
        });
    }

private:
    std::vector<std::optional<Documents::View>> find(const std::vector<StoreKey>& keys) {
        return locked([&] {
            const Time now = host_.now();
            documents_.remove_expired(now);
            std::vector<std::optional<Documents::View>> found;
            for (const StoreKey& key : keys) found.push_back(documents_.find(key, now));
            return found;
        });
    }

    Host& host_;
    mutable std::mutex mutex_;
    Documents documents_;
    stores::Counters counters_;
};

}  // namespace gatehouse::memory_store

GATEHOUSE_PLUGIN(gatehouse::memory_store::Memory, gatehouse::memory_store::Options,
                 gatehouse::memory_store::fields, "memory", "1.0.0");
