// SPDX-License-Identifier: Apache-2.0
// A planted defect: a store that ignores the owner, lets nothing expire, checks no key, and changes
// counters one by one.
#include <gatehouse/fake_store.hpp>
#include <gatehouse/sdk.hpp>

#include <thread>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Leaky final : public testing::FakeStore {
public:
    Leaky(Options, Host&) {}

    void get(std::vector<StoreKey> keys, std::size_t max_bytes,
             Completion<std::vector<std::optional<Record>>> done) override {
        for (StoreKey& key : keys) key.owner.clear();
        FakeStore::get(std::move(keys), max_bytes, std::move(done));
    }
    void put(Put document, Completion<std::uint64_t> done) override {
        document.key.owner.clear();
        document.key.id.resize(std::min<std::size_t>(document.key.id.size(), 500));
        document.keep_for = std::chrono::hours(1);
        FakeStore::put(std::move(document), std::move(done));
    }
    void add(std::vector<Count> changes, Completion<Counts> done) override {
        Counts counts{.added = true};
        for (const Count& change : changes)
            FakeStore::add({change}, Completion<Counts>([&](Result<Counts> one) {
                               counts.added &= one && one->added;
                               counts.values.push_back(one ? one->values[0] : 0);
                           }));
        done(std::move(counts));
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Leaky, Options, fields, "leaky_store", "1.0.0");
