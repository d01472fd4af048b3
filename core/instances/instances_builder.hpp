// SPDX-License-Identifier: Apache-2.0
// Makes the plugin instances of a configuration.  Used once for each.  [main thread]
#pragma once

#include "core/config/checked_config.hpp"
#include "core/instances/plugin_instances.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class Services;
class Healths;

/// A plugin instance with its host.
struct Instance {
    std::unique_ptr<InstanceHost> host;
    std::unique_ptr<Plugin> plugin;  // destroyed before its host
};
using Instances = std::vector<Instance>;

/// Processes the file from top to bottom.  An instance with a mistake is left out, and the next one made.
class InstancesBuilder {
public:
    InstancesBuilder(const ConfigFile& file, const std::vector<InstanceConfig>& configs, const Finder& finder,
                     Services& services, const Limits& limits, const Settings& settings, Healths& healths,
                     Metrics& metrics, Mistakes& mistakes)
        : file_(file),
          configs_(configs),
          finder_(finder),
          services_(services),
          limits_(limits),
          settings_(settings),
          upstream_(settings.upstream),
          healths_(healths),
          metrics_(metrics),
          mistakes_(mistakes) {}

    /// Returns null if there is a mistake.
    std::shared_ptr<const PluginInstances> build();

private:
    /// A plugin and its checked configuration, from which an instance can be created.
    struct Plan {
        const Descriptor& plugin;
        CheckedConfig config;
        UsedPlugin used;
    };

    void add(const Result<void>& outcome);
    /// Returns nothing if the instance cannot be created; adds the mistakes.
    std::optional<Plan> plan(const InstanceConfig& config, Mistakes& mistakes);
    static Result<std::unique_ptr<Plugin>> create(Plan& plan, const std::string& name, Host& host);
    Result<void> make(const InstanceConfig& config);
    Result<void> make_observer(const InstanceConfig& config, Plan& planned);
    Result<void> note_resource(const InstanceConfig& config, Plugin& plugin);
    void warn_of_unused_signers();
    /// Warns if the admin API of the instance cannot be reached, and the instance is of no use without it.
    void warn_of_missing_listener(const InstanceConfig& config, Plugin& plugin);
    Result<void> settle(const InstanceConfig& config, const Instance& instance);
    Result<void> settle_provider(const InstanceConfig& config, Provider& provider);
    Result<void> settle_dialect(const InstanceConfig& config, Dialect& dialect, InstanceHost& host);

    // In instances_stores.cpp.
    Result<void> make_store(const InstanceConfig& config, Mistakes& mistakes);
    void check_store_files();
    Result<void> choose_default_store();
    Result<void> check_default_store(const std::string& plugin) const;
    /// Returns the store that the instance uses, or null.
    std::shared_ptr<StoreInstance> store_of(const InstanceConfig& config) const;
    /// Warns if records that decide which clients may enter do not survive the process.
    void warn_of_end(const InstanceConfig& config, const StoreInstance& store);
    /// False if the store that the instance names has a mistake, or does not exist.
    bool has_its_store(const InstanceConfig& config) const;
    /// Whether there is an instance of this kind in the file, also one with a mistake.
    bool has(std::string_view kind) const;

    const ConfigFile& file_;
    const std::vector<InstanceConfig>& configs_;
    const Finder& finder_;
    Services& services_;
    const Limits& limits_;
    const Settings& settings_;
    const UpstreamOptions& upstream_;
    Healths& healths_;
    Metrics& metrics_;
    Mistakes& mistakes_;
    std::string default_store_;  // empty: none
    std::shared_ptr<Instances> instances_ = std::make_shared<Instances>();
    std::map<std::string, Signer*, std::less<>> signers_;
    std::map<std::string, InstanceHost*, std::less<>> hook_hosts_;
    InstanceTable table_;
};

}  // namespace gatehouse::core
