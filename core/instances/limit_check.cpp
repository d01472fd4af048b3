// SPDX-License-Identifier: Apache-2.0
#include "core/instances/limit_check.hpp"

#include "core/plugin/guard.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_doubts = 20;

/// The routes of the listed models; models that providers list later are not known yet.
std::set<std::pair<std::string, std::string>> listed_routes(const PluginInstances& instances) {
    std::set<std::pair<std::string, std::string>> all;
    const Identity nobody;
    const std::string& name = instances.mapper_name();
    const auto models =
        guard({name, "ModelMapper::models"}, [&] { return instances.mapper().models(nobody, Discovered()); });
    if (!models) return all;
    for (const ModelInfo& model : *models) {
        const auto routes = guard({name, "ModelMapper::map"}, [&] {
            return instances.mapper().map({.model = model.id, .who = nobody, .healths = instances});
        });
        if (!routes) continue;
        for (const Route& route : *routes) all.emplace(route.provider, route.model);
    }
    return all;
}

}  // namespace

void check_limits(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const PluginInstances& instances, Mistakes& mistakes) {
    const NamedLimiter& named = instances.limiter();
    const auto config = std::ranges::find(configs, "limiter", &InstanceConfig::kind);
    if (!named.limiter || config == configs.end()) return;
    std::size_t doubts = 0;
    for (const auto& [provider, model] : listed_routes(instances)) {
        const Route route{provider, model};
        const auto doubt = guard({named.name, "Limiter::doubt"}, [&] {
            return named.limiter->doubt(route, instances.of(route.provider, route.model).price);
        });
        if (!doubt || doubt->empty() || ++doubts > most_doubts) continue;
        mistakes.warn(file.error(config->where, *doubt));
    }
}

}  // namespace gatehouse::core
