// SPDX-License-Identifier: Apache-2.0
// Checks that the instances of a configuration fit together.  [main thread]
#pragma once

#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"

#include <gatehouse/mapper.hpp>

#include <vector>

namespace gatehouse::core {

/// A gateway needs a dialect, a provider and a mapper.  A table with a mistake counts.
void require_kinds(const ConfigFile& file, const std::vector<InstanceConfig>& configs, Mistakes& mistakes);

/// The providers that `mapper`, the first one of `configs`, names must be in the file.  A mistake is
/// at the first route to the provider, and names the lines of the others.  A route that a list has twice is a
/// warning.
void check_routes(const ConfigFile& file, const std::vector<InstanceConfig>& configs,
                  const ModelMapper& mapper, Mistakes& mistakes);

}  // namespace gatehouse::core
