// SPDX-License-Identifier: Apache-2.0
// Finds a file that two keys name, and that is written by one of them.  A plugin does not know the other
// tables, so the core checks.  It knows the files that are written by their keys: `file`, of [log] or of a
// plugin, and `path` of a store.  Keys that end with `_file`, `file:PATH` and the keys of [server.tls] name
// files that may be read only, as does the configuration itself.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"

namespace gatehouse::core {

/// Adds a mistake at the second key of such a file.  Two stores are compared elsewhere.
void check_written_files(const ConfigFile& file, Mistakes& mistakes);

}  // namespace gatehouse::core
