// SPDX-License-Identifier: Apache-2.0
// Declared keys as TOML to paste, for `gatehouse explain --toml`.  [main thread]
#pragma once

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The placeholder for a value that only the user knows.
inline constexpr std::string_view placeholder = "REPLACE-ME";

/// The keys of a table, each below what it is for.  A key that must be there has a
/// placeholder, or the name of an environment variable if it is secret; the others
/// are commented out with their defaults.  Tables inside follow at the end.
/// `table` is what stands between the brackets; `use`, if any, the plugin's name.
std::string toml_fragment(const std::string& table, const std::string& use, const std::vector<Key>& keys);

}  // namespace gatehouse::core
