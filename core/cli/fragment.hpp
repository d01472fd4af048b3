// SPDX-License-Identifier: Apache-2.0
// Declared keys as TOML to paste, for `gatehouse explain --toml`.  [main thread]
#pragma once

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The placeholder for a value that the user must fill in.
inline constexpr std::string_view placeholder = "REPLACE-ME";

/// The keys of a table, each below its description.  A required key has a placeholder, or the
/// name of an environment variable if it is secret.  Other keys are commented out with their
/// defaults.  Inner tables follow at the end.
/// `table` is the text between the brackets; `use` is the plugin's name, or empty.
std::string toml_fragment(const std::string& table, const std::string& use, const std::vector<Key>& keys);

}  // namespace gatehouse::core
