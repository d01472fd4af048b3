// SPDX-License-Identifier: Apache-2.0
// Reports secrets of a table that others may read, and secrets that are probably wrong.
// [main thread]
#pragma once

#include "core/config/checked_config.hpp"

namespace gatehouse::core {

/// `strict`: a secret in a file that others may read is an error.  Other findings are warnings.
void report_secrets(const CheckedConfig& table, bool strict, Mistakes& mistakes);

}  // namespace gatehouse::core
