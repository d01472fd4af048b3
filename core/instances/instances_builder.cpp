// SPDX-License-Identifier: Apache-2.0
#include "core/instances/instances_builder.hpp"

#include "core/instances/route_check.hpp"
#include "core/instances/secret_report.hpp"
#include "core/observe/log.hpp"
#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"
#include "core/plugin/library.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

TracePropagation propagation_of(const ProviderOptions& options) {
    if (options.trace_context == "none") return TracePropagation::none;
    return options.trace_context == "traceparent" ? TracePropagation::parent : TracePropagation::full;
}

/// The parts of keys that tell a secret from another value.
std::vector<Key> without_texts(std::vector<Key> keys) {
    for (Key& key : keys) {
        key = {.name = std::move(key.name),
               .type = key.type,
               .secret = key.secret,
               .keys = without_texts(std::move(key.keys))};
    }
    return keys;
}

}  // namespace

std::shared_ptr<const PluginInstances> InstancesBuilder::build() {
    // Stores first, because the constructors of the others may use them.
    for (const InstanceConfig& config : configs_)
        if (config.kind == "store") add(make_store(config, mistakes_));
    check_store_files();
    warn_of_unused_signers();
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
    if (!settings_.server.explain_clients.empty()) table_.route_places = route_places(file_, configs_);
    return std::make_shared<const PluginInstances>(std::move(table_), std::move(instances_));
}

void InstancesBuilder::add(const Result<void>& outcome) {
    if (!outcome) mistakes_.add(outcome.error());
}

std::optional<InstancesBuilder::Plan> InstancesBuilder::plan(const InstanceConfig& config,
                                                             Mistakes& mistakes) {
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
    table_.keys.emplace(config.title(), without_texts(*std::move(keys)));
    const std::size_t before = mistakes.count();
    report_secrets(*checked, settings_.server.strict_permissions, mistakes);
    if (mistakes.count() > before || config.known != InstanceConfig::Known::all) return {};
    return Plan{*found->descriptor, *std::move(checked),
                note_use(config.kind, config.name, *found, services_.log())};
}

Result<std::unique_ptr<Plugin>> InstancesBuilder::create(Plan& plan, const std::string& name, Host& host) {
    auto plugin = guard({name, "Descriptor::create"}, [&] { return plan.plugin.create(plan.config, host); });
    plan.config.forget_values();
    if (!plugin && plugin.error().kind == ErrorKind::internal)
        return plan.config.error("", plugin.error().detail);
    return plugin;
}

Result<void> InstancesBuilder::make(const InstanceConfig& config) {
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
    if (store) {
        instance.host->give(std::make_shared<HostedStore>(store, instances_));
        warn_of_end(config, *store);
    }
    auto plugin = create(*planned, config.name, *instance.host);
    if (!plugin) return plugin.error();
    instance.plugin = *std::move(plugin);
    auto settled = settle(config, instance);
    if (settled) settled = note_resource(config, *instance.plugin);
    instances_->push_back(std::move(instance));
    return settled;
}

// An observer may live longer than the configuration, to send what waits.
Result<void> InstancesBuilder::make_observer(const InstanceConfig& config, Plan& planned) {
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

Result<void> InstancesBuilder::note_resource(const InstanceConfig& config, Plugin& plugin) {
    warn_of_missing_listener(config, plugin);
    auto added = add_resource(table_.resources, config.kind, config.name, plugin);
    return added ? Result<void>() : file_.error(config.where, added.error().message);
}

void InstancesBuilder::warn_of_unused_signers() {
    for (const InstanceConfig& config : configs_)
        if (config.kind == "signer" &&
            std::ranges::count(configs_, config.name, &InstanceConfig::signer) == 0)
            mistakes_.warn(
                file_.error(config.where, "no provider and no hook uses this signer: add signer = \"" +
                                              config.name + "\" to the table that needs it"));
}

/// The limiter works without its resource; keys could not be made, and the console could not be opened.
void InstancesBuilder::warn_of_missing_listener(const InstanceConfig& config, Plugin& plugin) {
    const bool works_without = config.kind != "authenticator" && config.kind != "observer";
    if (works_without || !settings_.admin.listen.empty() || !settings_.is_right("admin")) return;
    const auto resource = guard({config.name, "Plugin::admin"}, [&] { return plugin.admin(); });
    if (!resource || !*resource) return;
    mistakes_.warn(file_.error(config.where, config.title() +
                                                 " needs the admin API, which has no address: add "
                                                 "listen to [admin]"));
}

// The plugin's entry point has been checked to be of this kind.
Result<void> InstancesBuilder::settle(const InstanceConfig& config, const Instance& instance) {
    const std::string& name = config.name;
    Plugin& plugin = *instance.plugin;
    if (config.kind == "provider") return settle_provider(config, static_cast<Provider&>(plugin));
    if (config.kind == "dialect")
        return settle_dialect(config, static_cast<Dialect&>(plugin), *instance.host);
    if (config.kind == "authenticator") {
        table_.authenticators.push_back({name, static_cast<Authenticator*>(&plugin)});
    } else if (config.kind == "signer") {
        signers_.emplace(name, static_cast<Signer*>(&plugin));
    } else if (config.kind == "mapper") {
        table_.mapper = static_cast<ModelMapper*>(&plugin);
        table_.mapper_name = name;
    } else if (config.kind == "hook") {
        table_.hooks.push_back({name, static_cast<Hook*>(&plugin)});
        hook_hosts_.emplace(name, instance.host.get());
    } else if (config.kind == "limiter") {
        table_.limiter = {name, static_cast<Limiter*>(&plugin), store_of(config).get()};
    }
    return {};
}

Result<void> InstancesBuilder::settle_provider(const InstanceConfig& config, Provider& provider) {
    const std::string& name = config.name;
    auto local = guard({name, "Provider::local"}, [&] { return provider.local(); });
    if (!local) return file_.error(config.where, local.error().detail);
    table_.providers.emplace(name,
                             NamedProvider{.name = name,
                                           .provider = &provider,
                                           .signer_name = config.signer,
                                           .policies = RoutePolicies(upstream_, config.provider),
                                           .health = healths_.of(name, config.text, health_limits(upstream_)),
                                           .local = *local,
                                           .plugin = config.use,
                                           .trace = propagation_of(config.provider)});
    return {};
}

Result<void> InstancesBuilder::settle_dialect(const InstanceConfig& config, Dialect& dialect,
                                              InstanceHost& host) {
    const std::string& name = config.name;
    auto endpoints = guard({name, "Dialect::endpoints"}, [&] { return dialect.endpoints(); });
    if (!endpoints) return file_.error(config.where, endpoints.error().detail);
    auto id_header = guard({name, "Dialect::request_id_header"}, [&] { return dialect.request_id_header(); });
    if (!id_header) return file_.error(config.where, id_header.error().detail);
    NamedDialect named{name, &dialect, *std::move(endpoints), *std::move(id_header)};
    if (const auto store = store_of(config)) {
        named.store = host.store();
        named.store_name = store->name;
        named.store_metrics = store->metrics.get();
    }
    table_.dialects.push_back(std::move(named));
    return {};
}

}  // namespace gatehouse::core
