// SPDX-License-Identifier: Apache-2.0
#include "core/instances/model_check.hpp"

#include "core/config/bounded_warnings.hpp"
#include "core/config/limit_names.hpp"
#include "core/config/model_names.hpp"
#include "core/plugin/guard.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace gatehouse::core {

namespace {

/// The listed models and their routes; models that providers list later are not known yet.
struct Listed {
    std::vector<std::string> models = {};
    std::set<std::pair<std::string, std::string>> routes = {};  // provider and model
};

std::vector<Route> routes_of(const PluginInstances& instances, std::string_view model) {
    const Identity nobody;
    const auto routes = guard({instances.mapper_name(), "ModelMapper::map"}, [&] {
        return instances.mapper().map({.model = model, .who = nobody, .healths = instances});
    });
    return routes ? *routes : std::vector<Route>();
}

Listed listed(const PluginInstances& instances) {
    Listed all;
    const Identity nobody;
    const auto models = guard({instances.mapper_name(), "ModelMapper::models"},
                              [&] { return instances.mapper().models(nobody, Discovered()); });
    if (!models) return all;
    for (const ModelInfo& model : *models) {
        all.models.push_back(model.id);
        for (const Route& route : routes_of(instances, model.id))
            all.routes.emplace(route.provider, route.model);
    }
    return all;
}

void ask_limiter(const ConfigFile& file, const InstanceConfig& config, const Listed& all,
                 const PluginInstances& instances, Mistakes& mistakes) {
    const NamedLimiter& named = instances.limiter();
    BoundedWarnings doubts(file, config.where, "more routes with such a doubt", mistakes);
    for (const auto& [provider, model] : all.routes) {
        const Route route{provider, model};
        const auto doubt = guard({named.name, "Limiter::doubt"}, [&] {
            return named.limiter->doubt(route, instances.of(route.provider, route.model).price);
        });
        if (doubt && !doubt->empty()) doubts.add(config.where, *doubt);
    }
    doubts.finish();
}

}  // namespace

void check_models(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const PluginInstances& instances, Mistakes& mistakes) {
    const Listed all = listed(instances);
    KnownRoutes known{.models = all.models, .maps_model = [&](std::string_view model) {
                          return !routes_of(instances, model).empty();
                      }};
    for (const auto& [provider, model] : all.routes) known.routes.push_back(provider + "/" + model);
    check_model_names(file, configs, known, mistakes);
    const auto config = std::ranges::find(configs, "limiter", &InstanceConfig::kind);
    if (!instances.limiter().limiter || config == configs.end()) return;
    ask_limiter(file, *config, all, instances, mistakes);
    check_limit_names(file, configs, *config, known, mistakes);
}

}  // namespace gatehouse::core
