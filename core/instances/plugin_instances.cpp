// SPDX-License-Identifier: Apache-2.0
#include "core/instances/plugin_instances.hpp"

#include "core/config/checked_config.hpp"
#include "core/instances/loopback.hpp"
#include "core/instances/route_check.hpp"
#include "core/instances/secret_report.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"
#include "core/plugin/library.hpp"

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

TracePropagation propagation_of(const ProviderOptions& options) {
    if (options.trace_context == "none") return TracePropagation::none;
    return options.trace_context == "traceparent" ? TracePropagation::parent : TracePropagation::full;
}

bool measures(const InstanceTable& table) {
    const auto answer =
        guard({table.mapper_name, "ModelMapper::measures"}, [&] { return table.mapper->measures(); });
    return answer && *answer;
}

// Processes the file from top to bottom.  An instance with a mistake is left out, and the next one made.
class Builder {
public:
    Builder(const ConfigFile& file, const std::vector<InstanceConfig>& configs, const Finder& finder,
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

    std::shared_ptr<const PluginInstances> build() {
        // Stores first, because the constructors of the others may use them.
        for (const InstanceConfig& config : configs_)
            if (config.kind == "store") add(make_store(config, mistakes_));
        add(choose_default_store());
        for (const InstanceConfig& config : configs_)
            if (config.kind != "store") add(make(config));
        require_kinds(file_, configs_, mistakes_);
        if (table_.mapper) check_routes(file_, configs_, *table_.mapper, mistakes_);
        if (!mistakes_.empty()) return nullptr;
        // A signer may come after the providers and hooks that use it.
        for (const InstanceConfig& config : configs_) {
            if (config.signer.empty()) continue;
            Signer* const signer = signers_.at(config.signer);
            if (config.kind == "provider")
                table_.providers.at(config.name).signer = signer;
            else
                hook_hosts_.at(config.name)->sign_with(*signer);
        }
        return std::make_shared<const PluginInstances>(std::move(table_), std::move(instances_));
    }

private:
    /// A plugin and its checked configuration, from which an instance can be created.
    struct Plan {
        const Descriptor& plugin;
        CheckedConfig config;
        UsedPlugin used;
    };

    void add(const Result<void>& outcome) {
        if (!outcome) mistakes_.add(outcome.error());
    }

    /// Returns nothing if the instance cannot be created; adds the mistakes.
    std::optional<Plan> plan(const InstanceConfig& config, Mistakes& mistakes) {
        if (config.known == InstanceConfig::Known::name || mistakes.full()) return {};
        // With a mistake in [plugins] it is not known which libraries may be loaded.
        if (!settings_.is_right("plugins")) return {};
        auto found = finder_.find(config.kind, config.use);
        if (!found) {
            mistakes.add(file_.error(config.use_where, found.error().message));
            return {};
        }
        auto keys = declared_keys(*found->descriptor);
        if (!keys) {
            mistakes.add(file_.error(config.use_where, keys.error().message));
            return {};
        }
        const bool has_table = config.where.line != 0;
        auto checked = has_table ? check(file_, config, *keys, mistakes)
                                 : check(file_, "store." + config.name, *keys, mistakes);
        if (!checked) return {};
        const std::size_t before = mistakes.count();
        report_secrets(*checked, settings_.server.strict_permissions, services_.log(), mistakes);
        if (mistakes.count() > before || config.known != InstanceConfig::Known::all) return {};
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

    Result<void> make_store(const InstanceConfig& config, Mistakes& mistakes) {
        auto& stores = table_.stores;
        if (auto known = services_.stores().find(config.name, config.text)) {
            table_.used.push_back(known->used);
            Plugin& plugin = *known->plugin;
            stores.emplace(config.name, std::move(known));
            return note_resource(config, plugin);
        }
        auto planned = plan(config, mistakes);
        if (!planned) return {};
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
    Result<void> choose_default_store() {
        if (has("store")) {
            if (table_.stores.size() == 1) default_store_ = table_.stores.begin()->first;
            return {};
        }
        const bool knows_clients = has("authenticator");
        const std::string& plugin = settings_.plugins.default_store;
        if (!settings_.wrong.empty() || plugin.empty() ||
            (!knows_clients && !is_loopback(settings_.server.listen)))
            return {};
        InstanceConfig config;
        config.kind = "store";
        config.name = "default";
        config.use = plugin;
        if (auto ok = check_default_store(plugin); !ok) return ok.error();
        Mistakes mistakes(file_.path());  // the file does not name this store
        if (auto made = make_store(config, mistakes); !made) mistakes.add(made.error());
        if (mistakes.empty())
            default_store_ = config.name;
        else
            services_.log().write(Level::info, "core", "default store not available",
                                  {{"plugin", plugin}, {"reason", mistakes.error().message}});
        return {};
    }

    /// The plugin that the file names must exist.  That of the key's default need not be installed.
    Result<void> check_default_store(const std::string& plugin) const {
        const auto written = check(file_, "plugins", keys_of(plugin_fields));
        if (!written || !written->table().find("default_store")) return {};
        auto found = finder_.find("store", plugin);
        return found ? Result<void>() : written->error("default_store", found.error().message);
    }

    /// Returns the store that the instance uses, or null.
    std::shared_ptr<StoreInstance> store_of(const InstanceConfig& config) const {
        const bool is_default = config.store.empty() && uses_default_store(config.kind);
        const auto found = table_.stores.find(is_default ? default_store_ : config.store);
        return found == table_.stores.end() ? nullptr : found->second;
    }

    Result<void> make(const InstanceConfig& config) {
        const InstanceConfig& first = *std::ranges::find(configs_, config.kind, &InstanceConfig::kind);
        const bool only_one = config.kind == "mapper" || config.kind == "limiter";
        if (only_one && config.name != first.name)
            return file_.error(config.where, "a second " + config.kind + ": only one [" + config.kind +
                                                 ".*] is allowed, and " + first.title() + " already exists");
        auto planned = plan(config, mistakes_);
        if (!planned || !has_its_store(config)) return {};
        table_.used.push_back(std::move(planned->used));
        if (config.kind == "observer") return make_observer(config, *planned);
        Instance instance;
        instance.host = std::make_unique<InstanceHost>(config.name, services_, limits_, instances_);
        const auto store = store_of(config);
        if (store) instance.host->give(std::make_shared<HostedStore>(store, instances_));
        auto plugin = create(*planned, config.name, *instance.host);
        if (!plugin) return plugin.error();
        instance.plugin = *std::move(plugin);
        auto settled = settle(config, instance);
        if (settled) settled = note_resource(config, *instance.plugin);
        instances_->push_back(std::move(instance));
        return settled;
    }

    // An observer may live longer than the configuration, to send what waits.
    Result<void> make_observer(const InstanceConfig& config, Plan& planned) {
        auto queue = std::make_shared<ObserverQueue>(config.name, services_, limits_, metrics_);
        InstanceHost& host = queue->make_host();
        if (const auto store = store_of(config)) host.give(std::make_shared<HostedStore>(store, queue));
        auto plugin = create(planned, config.name, host);
        if (!plugin) return plugin.error();
        Plugin& made = **plugin;
        queue->use(*std::move(plugin));
        table_.observers.push_back(std::move(queue));
        return note_resource(config, made);
    }

    /// Whether there is an instance of this kind in the file, also one with a mistake.
    bool has(std::string_view kind) const {
        return std::ranges::count(configs_, kind, &InstanceConfig::kind) > 0;
    }

    /// False if the store that the instance names has a mistake, or does not exist.
    bool has_its_store(const InstanceConfig& config) const {
        return config.store.empty() || config.store == no_store || table_.stores.contains(config.store);
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
                                    .local = *local,
                                    .plugin = config.use,
                                    .trace = propagation_of(config.provider)});
        } else if (config.kind == "mapper") {
            table_.mapper = static_cast<ModelMapper*>(&plugin);
            table_.mapper_name = name;
        } else if (config.kind == "hook") {
            table_.hooks.push_back({name, static_cast<Hook*>(&plugin)});
            hook_hosts_.emplace(name, instance.host.get());
        } else if (config.kind == "limiter") {
            table_.limiter = {name, static_cast<Limiter*>(&plugin)};
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

}  // namespace

std::shared_ptr<const PluginInstances> PluginInstances::build(const ConfigFile& file,
                                                              const std::vector<InstanceConfig>& configs,
                                                              const Finder& finder, Services& services,
                                                              const Limits& limits, const Settings& settings,
                                                              Healths& healths, Metrics& metrics,
                                                              Mistakes& mistakes) {
    return Builder(file, configs, finder, services, limits, settings, healths, metrics, mistakes).build();
}

PluginInstances::PluginInstances(InstanceTable table, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)),
      table_(std::move(table)),
      routing_(table_.dialects),
      measures_routes_(measures(table_)) {}

PluginInstances::~PluginInstances() {
    for (const auto& observer : table_.observers) observer->retire();
}

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
