// SPDX-License-Identifier: Apache-2.0
// The rights of [admin] tokens that no admin resource knows, such as a misspelled one.  [main thread]
#pragma once

#include "core/config/file.hpp"
#include "core/config/mistakes.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

/// Adds a warning for each right in `may` of a token that is not in `known`.
void check_rights(const ConfigFile& file, const std::vector<std::string>& known, Mistakes& mistakes);

}  // namespace gatehouse::core
