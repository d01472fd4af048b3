// SPDX-License-Identifier: Apache-2.0
// A store in this process: its keys, its entry point and its lock.  Every call completes at
// once, on the caller's thread.  [any thread]
#include "plugins/common/store/bounds.hpp"
#include "plugins/common/store/counters.hpp"
#include "plugins/store/memory/documents.hpp"

#include <gatehouse/sdk.hpp>

#include <mutex>

namespace gatehouse::memory_store {

namespace {

struct Options : stores::BoundOptions {};

const Fields<Options> fields = stores::bound_fields<Options>();

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
          documents_(stores::bounds_of(options), stores::first_version(host.now())),
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
