// SPDX-License-Identifier: Apache-2.0
// A store as one instance sees it: calls are guarded and measured, and a completion reaches the
// instance only while its configuration is in use.  Owned by the instance's host.  [any thread]
#pragma once

#include "core/plugin/host.hpp"
#include "core/plugin/store_state.hpp"
#include "core/plugin/used_plugin.hpp"

#include <gatehouse/store.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class StoreMetrics;

/// A store of the configuration.  The instances that use it keep it alive, also across reloads.
struct StoreInstance {
    std::string name = {};
    bool asked = true;        // false: see Services::leave_stores_alone
    bool in_process = false;  // its records end with the process
    StoreState state = {};
    UsedPlugin used = {};
    std::shared_ptr<StoreMetrics> metrics = {};
    std::unique_ptr<InstanceHost> host = {};
    std::unique_ptr<Plugin> plugin = {};  // destroyed before its host
    Store& store() const { return *static_cast<Store*>(plugin.get()); }
};

class HostedStore final : public Store {
public:
    /// `owner` keeps the user of the store.
    HostedStore(std::shared_ptr<StoreInstance> instance, std::weak_ptr<const void> owner)
        : instance_(std::move(instance)), owner_(std::move(owner)) {}

    void get(std::vector<StoreKey> keys, std::size_t max_bytes,
             Completion<std::vector<std::optional<Record>>> done) override;
    void put(Put document, Completion<std::uint64_t> done) override;
    void erase(StoreKey key, Completion<bool> done) override;
    void add(std::vector<Count> changes, Completion<Counts> done) override;
    bool shared() const override;
    StoreSize size() const override;

private:
    template <typename T, typename Inspect, typename Start>
    void call(const char* member, Completion<T> done, Inspect inspect, Start&& start);

    const std::shared_ptr<StoreInstance> instance_;
    const std::weak_ptr<const void> owner_;
};

/// The size of `store`; zero if the plugin throws.
StoreSize size_of(const StoreInstance& instance);

}  // namespace gatehouse::core
