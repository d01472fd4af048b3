// SPDX-License-Identifier: Apache-2.0
// The plugin instances of one configuration.
//
// Made on the main thread, then read-only and shared by all workers.  The requests
// that began under a configuration keep its instances alive, so a reload does not
// affect them.
#pragma once

#include "core/config/file.hpp"
#include "core/config/instances.hpp"
#include "core/config/route_places.hpp"
#include "core/instances/admin_resources.hpp"
#include "core/instances/named_hook.hpp"
#include "core/instances/named_limiter.hpp"
#include "core/instances/named_provider.hpp"
#include "core/instances/observer_queue.hpp"
#include "core/instances/routing.hpp"
#include "core/plugin/finder.hpp"
#include "core/plugin/host.hpp"
#include "core/plugin/used_plugin.hpp"
#include "core/retry/health.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

class Metrics;
struct StoreInstance;

struct NamedAuthenticator {
    std::string name;
    Authenticator* authenticator;
};

/// The plugin instances by kind.  Lists are in the order of the file.
struct InstanceTable {
    std::vector<NamedAuthenticator> authenticators = {};
    std::map<std::string, NamedProvider, std::less<>> providers = {};
    std::vector<NamedHook> hooks = {};
    std::vector<NamedDialect> dialects = {};
    std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>> stores = {};
    const ModelMapper* mapper = nullptr;
    std::string mapper_name = {};
    NamedLimiter limiter = {};
    ObserverQueues observers = {};
    std::vector<UsedPlugin> used = {};
    AdminResources resources = {};
    std::map<std::string, std::vector<Key>> keys =
        {};                                     // declared by each instance's plugin, by "[kind.name]"
    std::vector<RoutePlace> route_places = {};  // the mapper's entries that name routes
};

class PluginInstances final : public RouteHealths {
public:
    /// Creates the plugin instances `configs` of the file, and adds every mistake.  Returns null if
    /// `mistakes` is not empty.
    static std::shared_ptr<const PluginInstances> build(const ConfigFile& file,
                                                        const std::vector<InstanceConfig>& configs,
                                                        const Finder& finder, Services& services,
                                                        const Limits& limits, const Settings& settings,
                                                        Healths& healths, Metrics& metrics,
                                                        Mistakes& mistakes);

    /// Takes instances that `owner` keeps alive.  REQUIRES: a mapper and at least one dialect.
    PluginInstances(InstanceTable table, std::shared_ptr<const void> owner);
    /// Lets the observers send what waits.
    ~PluginInstances();

    const std::vector<NamedAuthenticator>& authenticators() const { return table_.authenticators; }
    const std::vector<NamedHook>& hooks() const { return table_.hooks; }
    const Routing& routing() const { return routing_; }
    const ModelMapper& mapper() const { return *table_.mapper; }
    const std::string& mapper_name() const { return table_.mapper_name; }
    const NamedLimiter& limiter() const { return table_.limiter; }
    const ObserverQueues& observers() const { return table_.observers; }
    /// By the names of their tables.
    const std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>>& stores() const {
        return table_.stores;
    }
    /// Returns null if there is no provider of that name.
    const NamedProvider* provider(std::string_view name) const;
    std::vector<std::string> provider_names() const;
    const std::vector<RoutePlace>& route_places() const { return table_.route_places; }
    const AdminResources& resources() const { return table_.resources; }
    /// The keys that each instance's plugin declares, by "[kind.name]", without their texts.
    const std::map<std::string, std::vector<Key>>& keys() const { return table_.keys; }
    /// The plugins behind the instances.
    const std::vector<UsedPlugin>& used() const { return table_.used; }

    /// Whether the mapper reads the measurements of routes.
    bool measures_routes() const { return measures_routes_; }
    RouteHealth of(std::string_view provider, std::string_view model) const override;

private:
    std::shared_ptr<const void> owner_;
    InstanceTable table_;
    Routing routing_;
    const bool measures_routes_;
};

}  // namespace gatehouse::core
