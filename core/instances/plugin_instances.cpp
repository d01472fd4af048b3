// SPDX-License-Identifier: Apache-2.0
#include "core/instances/plugin_instances.hpp"

#include "core/instances/instances_builder.hpp"
#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

bool measures(const InstanceTable& table) {
    const auto answer =
        guard({table.mapper_name, "ModelMapper::measures"}, [&] { return table.mapper->measures(); });
    return answer && *answer;
}

}  // namespace

std::shared_ptr<const PluginInstances> PluginInstances::build(const ConfigFile& file,
                                                              const std::vector<InstanceConfig>& configs,
                                                              const Finder& finder, Services& services,
                                                              const Limits& limits, const Settings& settings,
                                                              Healths& healths, Metrics& metrics,
                                                              Mistakes& mistakes) {
    return InstancesBuilder(file, configs, finder, services, limits, settings, healths, metrics, mistakes)
        .build();
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
