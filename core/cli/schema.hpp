// SPDX-License-Identifier: Apache-2.0
// The whole configuration as a JSON Schema, for editors.  [main thread]
#pragma once

#include "core/plugin/finder.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

/// Draft 07, which editors of TOML support.  Appends the libraries that cannot be described to
/// `complaints`.
std::string schema_text(const Finder& finder, std::vector<std::string>& complaints);

}  // namespace gatehouse::core
