// SPDX-License-Identifier: Apache-2.0
// Finds the entries of a mapper's table that name a provider, or one route twice, whatever keys its plugin
// has. [main thread]
#pragma once

#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The locations of the strings `provider` and "provider/…" in the table of `mapper`, in the order of
/// the file.  REQUIRES: an instance of `file`.
std::vector<SourceLocation> places_naming(const ConfigFile& file, const InstanceConfig& mapper,
                                          std::string_view provider);

/// Adds a warning for each route that a list of routes has already.  `providers`: all of `file`.
void check_repeated_routes(const ConfigFile& file, const InstanceConfig& mapper,
                           const std::vector<std::string>& providers, Mistakes& mistakes);

}  // namespace gatehouse::core
