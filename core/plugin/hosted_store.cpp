// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/hosted_store.hpp"

#include "core/observe/store_metrics.hpp"
#include "core/plugin/guard.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::core {

namespace {

using Found = std::vector<std::optional<Record>>;

// Counts the result of a get().  A store that answers with a wrong number of records is defective.
struct InspectRead {
    std::size_t wanted;
    void operator()(StoreMetrics& metrics, Result<Found>& found) const {
        if (!found) return;
        if (found->size() != wanted) {
            found =
                Error{ErrorKind::internal, "internal error", "a store returned a wrong number of records"};
            return;
        }
        const auto hits = static_cast<std::size_t>(
            std::ranges::count_if(*found, [](const auto& record) { return record.has_value(); }));
        metrics.read(hits, wanted - hits);
    }
};

struct InspectWrite {
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
    void operator()(StoreMetrics& metrics, const Result<std::uint64_t>& version) const {
        if (version) metrics.wrote(std::chrono::steady_clock::now() - start);
    }
};

struct InspectNothing {
    template <typename T>
    void operator()(StoreMetrics&, const Result<T>&) const {}
};

}  // namespace

// Calls start(store, completion).  An exception of the store destroys the completion, which then
// reports an internal error.
template <typename T, typename Inspect, typename Start>
void HostedStore::call(const char* member, Completion<T> done, Inspect inspect, Start&& start) {
    const auto user = owner_.lock();
    if (!user || !instance_->asked) return done.dismiss();
    // std::function must be copyable; a Completion is not.
    Completion<T> reply([shared = std::make_shared<Completion<T>>(std::move(done)), owner = owner_,
                         instance = instance_, inspect](Result<T> result) {
        inspect(*instance->metrics, result);
        if (result)
            instance->state.succeeded();
        else
            instance->state.failed(result.error());
        if (!result && result.error().kind != ErrorKind::conflict) instance->metrics->failed();
        const auto alive = owner.lock();
        if (!alive) return shared->dismiss();
        (void)guard({instance->name, "Completion"}, [&] { (*shared)(std::move(result)); });
    });
    (void)guard({instance_->name, member}, [&] { start(instance_->store(), std::move(reply)); });
}

void HostedStore::get(std::vector<StoreKey> keys, std::size_t max_bytes, Completion<Found> done) {
    call("Store::get", std::move(done), InspectRead{keys.size()}, [&](Store& store, Completion<Found> reply) {
        store.get(std::move(keys), max_bytes, std::move(reply));
    });
}

void HostedStore::put(Put document, Completion<std::uint64_t> done) {
    call("Store::put", std::move(done), InspectWrite(), [&](Store& store, Completion<std::uint64_t> reply) {
        store.put(std::move(document), std::move(reply));
    });
}

void HostedStore::erase(StoreKey key, Completion<bool> done) {
    call("Store::erase", std::move(done), InspectNothing(),
         [&](Store& store, Completion<bool> reply) { store.erase(std::move(key), std::move(reply)); });
}

void HostedStore::add(std::vector<Count> changes, Completion<Counts> done) {
    call("Store::add", std::move(done), InspectNothing(),
         [&](Store& store, Completion<Counts> reply) { store.add(std::move(changes), std::move(reply)); });
}

bool HostedStore::shared() const {
    const auto shared =
        guard({instance_->name, "Store::shared"}, [&] { return instance_->store().shared(); });
    return shared && *shared;
}

StoreSize HostedStore::size() const { return size_of(*instance_); }

StoreSize size_of(const StoreInstance& instance) {
    const auto size = guard({instance.name, "Store::size"}, [&] { return instance.store().size(); });
    return size ? *size : StoreSize{};
}

}  // namespace gatehouse::core
