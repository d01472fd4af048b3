// SPDX-License-Identifier: Apache-2.0
// Lists the differences between two configurations as the changes that lead from the
// first to the second: instances, keys, routes.
#pragma once

#include "core/config/file.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

/// A line each, such as `+ [provider.backup]`, `- [hook.mask]`, `~ [upstream] attempts`.
/// Routes are shown with what they were and will be, other values never: they may be secret.
/// Empty if nothing relevant has changed.
std::vector<std::string> difference(const ConfigFile& before, const ConfigFile& after);

}  // namespace gatehouse::core
