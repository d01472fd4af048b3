// SPDX-License-Identifier: Apache-2.0
#include "core/instances/plugin_instances.hpp"

#include "core/config/checked_config.hpp"
#include "core/instances/loopback.hpp"
#include "core/instances/secret_report.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"
#include "core/plugin/library.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatehouse::core {

namespace {

struct Instance {
    std::unique_ptr<InstanceHost> host;
    std::unique_ptr<Plugin> plugin;  // destroyed before its host
};
using Instances = std::vector<Instance>;

std::string listed(const InstanceTable& table) {
    std::string text;
    for (const auto& [name, provider] : table.providers) add_to_list(text, name);
    return text.empty() ? "none" : text;
}

bool measures(const InstanceTable& table) {
    const auto answer =
        guard({table.mapper_name, "ModelMapper::measures"}, [&] { return table.mapper->measures(); });
    return answer && *answer;
}

// Processes the file from top to bottom; stops at the first error.
class Builder {
public:
    Builder(const ConfigFile& file, const Finder& finder, Services& services, const Limits& limits,
            const Settings& settings, Healths& healths, Metrics& metrics)
        : file_(file),
          finder_(finder),
          services_(services),
          limits_(limits),
          settings_(settings),
          upstream_(settings.upstream),
          healths_(healths),
          metrics_(metrics) {}

    Result<std::shared_ptr<const PluginInstances>> build() {
        auto configs = instances(file_);
        if (!configs) return configs.error();
        // Stores first, because the constructors of the others may use them.
        for (const InstanceConfig& config : *configs)
            if (auto made = config.kind == "store" ? make_store(config) : Result<void>(); !made)
                return made.error();
        if (auto chosen = choose_default_store(*configs); !chosen) return chosen.error();
        for (const InstanceConfig& config : *configs)
            if (auto made = config.kind == "store" ? Result<void>() : make(config); !made)
                return made.error();
        // A signer may come after the providers that use it.
        for (const InstanceConfig& config : *configs)
            if (!config.signer.empty()) table_.providers.at(config.name).signer = signers_.at(config.signer);
        if (auto ok = check_whole(); !ok) return ok.error();
        return std::make_shared<const PluginInstances>(std::move(table_), std::move(instances_));
    }

private:
    /// A plugin and its checked configuration, from which an instance can be created.
    struct Plan {
        const Descriptor& plugin;
        CheckedConfig config;
        UsedPlugin used;
    };

    Result<Plan> plan(const InstanceConfig& config) {
        auto found = finder_.find(config.kind, config.use);
        if (!found) return file_.error(config.use_where, found.error().message);
        auto keys = declared_keys(*found->descriptor);
        if (!keys) return file_.error(config.use_where, keys.error().message);
        const bool has_table = config.where.line != 0;
        auto checked = has_table ? check(file_, config, *keys) : check(file_, "store." + config.name, *keys);
        if (!checked) return checked.error();
        if (auto ok = report_secrets(*checked, settings_.server.strict_permissions, services_.log()); !ok)
            return ok.error();
        return Plan{*found->descriptor, *std::move(checked),
                    note_use(config.kind, config.name, *found, services_.log())};
    }

    static Result<std::unique_ptr<Plugin>> create(Plan& plan, const std::string& name, Host& host) {
        auto plugin =
            guard({name, "Descriptor::create"}, [&] { return plan.plugin.create(plan.config, host); });
        plan.config.forget_values();
        if (!plugin && plugin.error().kind == ErrorKind::internal)
            return plan.config.error("", plugin.error().detail);
        return plugin;
    }

    Result<void> make_store(const InstanceConfig& config) {
        auto& stores = table_.stores;
        if (auto known = services_.stores().find(config.name, config.text)) {
            table_.used.push_back(known->used);
            Plugin& plugin = *known->plugin;
            stores.emplace(config.name, std::move(known));
            return note_resource(config, plugin);
        }
        auto planned = plan(config);
        if (!planned) return planned.error();
        auto store = std::make_shared<StoreInstance>();
        store->name = config.name;
        store->used = planned->used;
        table_.used.push_back(store->used);
        store->host = std::make_unique<InstanceHost>(config.name, services_, limits_, store);
        auto plugin = create(*planned, config.name, *store->host);
        if (!plugin) return plugin.error();
        store->plugin = *std::move(plugin);
        store->metrics = metrics_.store(config.name, [weak = std::weak_ptr<StoreInstance>(store)] {
            const auto alive = weak.lock();
            return alive ? size_of(*alive) : StoreSize{};
        });
        services_.stores().add(config.name, config.text, store);
        Plugin& made = *store->plugin;
        stores.emplace(config.name, std::move(store));
        return note_resource(config, made);
    }

    // Without an authenticator, all clients that reach the gateway are one owner of records.
    Result<void> choose_default_store(const std::vector<InstanceConfig>& configs) {
        if (!table_.stores.empty()) {
            if (table_.stores.size() == 1) default_store_ = table_.stores.begin()->first;
            return {};
        }
        const bool knows_clients =
            std::ranges::any_of(configs, [](const auto& one) { return one.kind == "authenticator"; });
        const std::string& plugin = settings_.plugins.default_store;
        if (plugin.empty() || (!knows_clients && !is_loopback(settings_.server.listen))) return {};
        InstanceConfig config;
        config.kind = "store";
        config.name = "default";
        config.use = plugin;
        if (auto ok = check_default_store(plugin); !ok) return ok.error();
        if (auto made = make_store(config); made)
            default_store_ = config.name;
        else
            services_.log().write(Level::info, "core", "default store not available",
                                  {{"plugin", plugin}, {"reason", made.error().message}});
        return {};
    }

    /// The plugin that the file names must exist.  That of the key's default need not be installed.
    Result<void> check_default_store(const std::string& plugin) const {
        auto written = check(file_, "plugins", keys_of(plugin_fields));
        if (!written || !written->table().find("default_store")) return {};
        auto found = finder_.find("store", plugin);
        return found ? Result<void>() : written->error("default_store", found.error().message);
    }

    /// Returns the store that the instance uses, or null.
    std::shared_ptr<StoreInstance> store_of(const InstanceConfig& config) const {
        const bool is_default = config.store.empty() && config.kind == "dialect";
        const auto found = table_.stores.find(is_default ? default_store_ : config.store);
        return found == table_.stores.end() ? nullptr : found->second;
    }

    Result<void> make(const InstanceConfig& config) {
        if (config.kind == "mapper" && table_.mapper)
            return file_.error(config.where, "a second mapper: only one [mapper.*] is allowed, and [mapper." +
                                                 table_.mapper_name + "] already exists");
        auto planned = plan(config);
        if (!planned) return planned.error();
        table_.used.push_back(std::move(planned->used));
        Instance instance;
        instance.host = std::make_unique<InstanceHost>(config.name, services_, limits_, instances_);
        const auto store = store_of(config);
        if (store) instance.host->give(std::make_shared<HostedStore>(store, instances_));
        auto plugin = create(*planned, config.name, *instance.host);
        if (!plugin) return plugin.error();
        instance.plugin = *std::move(plugin);
        auto settled = settle(config, instance);
        if (settled) settled = note_resource(config, *instance.plugin);
        if (config.kind == "mapper") mapper_config_ = std::move(planned->config);
        instances_->push_back(std::move(instance));
        return settled;
    }

    Result<void> note_resource(const InstanceConfig& config, Plugin& plugin) {
        auto added = add_resource(table_.resources, config.kind, config.name, plugin);
        return added ? Result<void>() : file_.error(config.where, added.error().message);
    }

    // The plugin's entry point has been checked to be of this kind.
    Result<void> settle(const InstanceConfig& config, const Instance& instance) {
        const std::string& name = config.name;
        Plugin& plugin = *instance.plugin;
        if (config.kind == "authenticator") {
            table_.authenticators.push_back({name, static_cast<Authenticator*>(&plugin)});
        } else if (config.kind == "signer") {
            signers_.emplace(name, static_cast<Signer*>(&plugin));
        } else if (config.kind == "provider") {
            auto* provider = static_cast<Provider*>(&plugin);
            auto local = guard({name, "Provider::local"}, [&] { return provider->local(); });
            if (!local) return file_.error(config.where, local.error().detail);
            table_.providers.emplace(
                name, NamedProvider{.name = name,
                                    .provider = provider,
                                    .signer_name = config.signer,
                                    .policies = RoutePolicies(upstream_, config.provider),
                                    .health = healths_.of(name, config.text, health_limits(upstream_)),
                                    .local = *local});
        } else if (config.kind == "mapper") {
            table_.mapper = static_cast<ModelMapper*>(&plugin);
            table_.mapper_name = name;
        } else if (config.kind == "hook") {
            table_.hooks.push_back({name, static_cast<Hook*>(&plugin)});
        } else {
            auto* dialect = static_cast<Dialect*>(&plugin);
            auto endpoints = guard({name, "Dialect::endpoints"}, [&] { return dialect->endpoints(); });
            if (!endpoints) return file_.error(config.where, endpoints.error().detail);
            auto id_header =
                guard({name, "Dialect::request_id_header"}, [&] { return dialect->request_id_header(); });
            if (!id_header) return file_.error(config.where, id_header.error().detail);
            NamedDialect named{name, dialect, *std::move(endpoints), *std::move(id_header)};
            if (const auto store = store_of(config)) {
                named.store = instance.host->store();
                named.store_name = store->name;
                named.store_metrics = store->metrics.get();
            }
            table_.dialects.push_back(std::move(named));
        }
        return {};
    }

    Result<void> check_whole() const {
        auto missing = [&](const std::string& kind, const std::string& why) {
            return file_.error({}, "there is no [" + kind + ".…] table: " + why);
        };
        if (table_.dialects.empty())
            return missing("dialect", "without a dialect the gateway cannot serve clients");
        if (table_.providers.empty())
            return missing("provider", "without a provider the gateway cannot serve requests");
        if (!table_.mapper) return missing("mapper", "without a mapper no model name maps to a provider");
        auto named =
            guard({table_.mapper_name, "ModelMapper::providers"}, [&] { return table_.mapper->providers(); });
        if (!named) return mapper_config_->error("", named.error().detail);
        for (const std::string& name : *named)
            if (!table_.providers.contains(name))
                return mapper_config_->error("", "a route names the provider \"" + name +
                                                     "\", but there is no [provider." + name +
                                                     "] (there are: " + listed(table_) + ")");
        return {};
    }

    const ConfigFile& file_;
    const Finder& finder_;
    Services& services_;
    const Limits& limits_;
    const Settings& settings_;
    const UpstreamOptions& upstream_;
    Healths& healths_;
    Metrics& metrics_;
    std::string default_store_;  // empty: none
    std::shared_ptr<Instances> instances_ = std::make_shared<Instances>();
    std::map<std::string, Signer*, std::less<>> signers_;
    InstanceTable table_;
    std::optional<CheckedConfig> mapper_config_;
};

}  // namespace

Result<std::shared_ptr<const PluginInstances>> PluginInstances::build(
    const ConfigFile& file, const Finder& finder, Services& services, const Limits& limits,
    const Settings& settings, Healths& healths, Metrics& metrics) {
    return Builder(file, finder, services, limits, settings, healths, metrics).build();
}

PluginInstances::PluginInstances(InstanceTable table, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)),
      table_(std::move(table)),
      routing_(table_.dialects),
      measures_routes_(measures(table_)) {}

const NamedProvider* PluginInstances::provider(std::string_view name) const {
    auto entry = table_.providers.find(name);
    return entry == table_.providers.end() ? nullptr : &entry->second;
}

RouteHealth PluginInstances::of(std::string_view provider_name, std::string_view model) const {
    const NamedProvider* found = provider(provider_name);
    if (!found) return {};
    RouteHealth health{.open = !found->health->would_admit(model), .price = found->policies.of(model).price};
    const auto load = measures_routes_ ? found->health->loads().find(model) : nullptr;
    if (!load) return health;
    health.running = load->running();
    health.first_byte = load->first_byte();
    return health;
}

std::vector<std::string> PluginInstances::provider_names() const {
    std::vector<std::string> names;
    for (const auto& [name, provider] : table_.providers) names.push_back(name);
    return names;
}

}  // namespace gatehouse::core
