// SPDX-License-Identifier: Apache-2.0
// Compares the tables of the limiter and of the authenticators with the models and routes that the mapper
// has. [main thread]
#pragma once

#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"
#include "core/instances/plugin_instances.hpp"

#include <vector>

namespace gatehouse::core {

/// Adds as warnings: the limiter's doubts about the routes of all models that the mapper lists, such as a
/// missing price, and the names in the tables of the limiter and of the authenticators that match no request.
void check_models(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const PluginInstances& instances, Mistakes& mistakes);

}  // namespace gatehouse::core
