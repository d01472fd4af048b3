// SPDX-License-Identifier: Apache-2.0
// Asks the limiter about the routes that clients can reach, such as those without a price.  [main thread]
#pragma once

#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"
#include "core/instances/plugin_instances.hpp"

#include <vector>

namespace gatehouse::core {

/// Adds the limiter's doubts about the routes of all models that the mapper lists, and the names in its table
/// that match no request, as warnings.
void check_limits(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const PluginInstances& instances, Mistakes& mistakes);

}  // namespace gatehouse::core
