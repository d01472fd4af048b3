// SPDX-License-Identifier: Apache-2.0
// Lists the differences between two configurations as the changes that lead from the
// first to the second: instances, keys, routes.
#pragma once

#include "core/config/file.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

/// Returns one line for each change, such as `+ [provider.backup]`, `- [hook.mask]`,
/// `~ [upstream] attempts`, `+ [authenticator.team] keys "agent-2"`.  Routes are shown with their old and new
/// values, unless `routes` is false.  Other values are never shown, because they may be secret.  Empty if
/// there is no relevant change.
std::vector<std::string> difference(const ConfigFile& before, const ConfigFile& after, bool routes = true);

}  // namespace gatehouse::core
