// SPDX-License-Identifier: Apache-2.0
// What differs between two configurations, in the words of a person who would
// put the second in the place of the first: instances, keys, routes.
#pragma once

#include "core/config/file.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

/// A line each, such as `+ [provider.backup]`, `- [hook.mask]`, `~ [upstream] attempts`.
/// Routes are shown with what they were and will be, other values never: they may be secret.
/// Empty: nothing that counts has changed.
std::vector<std::string> difference(const ConfigFile& before, const ConfigFile& after);

}  // namespace gatehouse::core
