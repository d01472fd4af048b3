// SPDX-License-Identifier: Apache-2.0
// Finds names in a limiter's table that match no request, such as a misspelt provider.  A plugin cannot know
// the other tables, so the core checks these places in the table of every limiter plugin:
//
//   - a table whose keys have the form "provider/model", such as `prices`;
//   - in a list of tables, `for` ("key:…", "group:…", "model:…", "route:…"), `models` and `routes`.
//
// Names with a star are not checked.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/instances.hpp"
#include "core/config/known_routes.hpp"
#include "core/config/mistakes.hpp"

#include <vector>

namespace gatehouse::core {

/// Adds a warning for each such name in the table of `limiter`.  `all` are the instances of `file`.
void check_limit_names(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                       const InstanceConfig& limiter, const KnownRoutes& known, Mistakes& mistakes);

}  // namespace gatehouse::core
