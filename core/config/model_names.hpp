// SPDX-License-Identifier: Apache-2.0
// Finds names of models that no request can have, such as a misspelt name.  The core checks `models` in the
// table of every authenticator plugin, and in its lists of tables, and `stored_objects` in the table of every
// dialect.  Names with a star are not checked.
// [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/instances.hpp"
#include "core/config/known_routes.hpp"
#include "core/config/mistakes.hpp"

#include <vector>

namespace gatehouse::core {

/// Adds a warning for each such name.  `all` are the instances of `file`.
void check_model_names(const ConfigFile& file, const std::vector<InstanceConfig>& all,
                       const KnownRoutes& known, Mistakes& mistakes);

}  // namespace gatehouse::core
