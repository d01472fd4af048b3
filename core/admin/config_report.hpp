// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/gateway/config: the active configuration with masked secrets, and its
// difference to the file on disk.  It reads the file: [a helper thread].
#pragma once

#include "core/config/file.hpp"
#include "core/instances/config_snapshot.hpp"

#include <string>

namespace gatehouse::core {

/// JSON.
std::string config_report(const ConfigFile& active, const ConfigSnapshot& snapshot);

}  // namespace gatehouse::core
