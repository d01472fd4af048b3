// SPDX-License-Identifier: Apache-2.0
// The stores of a configuration, and the default store.
#include "core/config/store_check.hpp"
#include "core/instances/instances_builder.hpp"
#include "core/instances/loopback.hpp"
#include "core/instances/store_files.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/plugin/hosted_store.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

/// A store that survives the process needs the name of a file or of a server.
bool names_a_place(const std::vector<Key>& keys) {
    return std::ranges::count(keys, ValueType::string, &Key::type) > 0;
}

}  // namespace

Result<void> InstancesBuilder::make_store(const InstanceConfig& config, Mistakes& mistakes) {
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
    store->asked = services_.asks_stores();
    store->in_process = !names_a_place(table_.keys.at(config.title()));
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

// A store that a reload keeps has no checked table, so the tables are read again.
void InstancesBuilder::check_store_files() {
    if (!settings_.is_right("plugins") || std::ranges::count(configs_, "store", &InstanceConfig::kind) < 2)
        return;
    StoreFiles files;
    for (const InstanceConfig& config : configs_) {
        if (config.kind != "store" || config.known != InstanceConfig::Known::all) continue;
        const auto found = finder_.find(config.kind, config.use);
        const auto keys = found ? declared_keys(*found->descriptor) : found.error();
        auto checked = keys ? check(file_, config, *keys) : keys.error();
        if (!checked) continue;  // make_store() has added the mistake
        add(files.add(config, *keys, *checked));
        checked->forget_values();
    }
}

// Without an authenticator, all clients that reach the gateway are one owner of records.
Result<void> InstancesBuilder::choose_default_store() {
    if (has("store")) {
        const std::vector<std::string> common = common_stores(configs_);
        if (common.size() == 1 && table_.stores.contains(common[0])) default_store_ = common[0];
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
Result<void> InstancesBuilder::check_default_store(const std::string& plugin) const {
    const auto written = check(file_, "plugins", keys_of(plugin_fields));
    if (!written || !written->table().find("default_store")) return {};
    auto found = finder_.find("store", plugin);
    return found ? Result<void>() : written->error("default_store", found.error().message);
}

std::shared_ptr<StoreInstance> InstancesBuilder::store_of(const InstanceConfig& config) const {
    const bool is_default = config.store.empty() && uses_default_store(config.kind);
    const auto found = table_.stores.find(is_default ? default_store_ : config.store);
    return found == table_.stores.end() ? nullptr : found->second;
}

void InstancesBuilder::warn_of_end(const InstanceConfig& config, const StoreInstance& store) {
    if (!owns_its_store(config.kind) || !store.in_process) return;
    mistakes_.warn(file_.error(config.store_where,
                               "the store \"" + store.name + "\" ends with the process: " + config.title() +
                                   " loses its records, such as API keys, at a restart and at `gatehouse "
                                   "upgrade`; use a store in a file or a server, such as sqlite or redis"));
}

bool InstancesBuilder::has_its_store(const InstanceConfig& config) const {
    if (config.store == no_store) return true;
    if (!config.store.empty()) return table_.stores.contains(config.store);
    if (!uses_default_store(config.kind) || !default_store_.empty()) return true;
    return !has("store");  // the reason why no store can be chosen is in the list of mistakes
}

bool InstancesBuilder::has(std::string_view kind) const {
    return std::ranges::count(configs_, kind, &InstanceConfig::kind) > 0;
}

}  // namespace gatehouse::core
