// SPDX-License-Identifier: Apache-2.0
// Hints for names that TOML accepts only in quotes, such as those of models.
// Functions without state: any thread.
#pragma once

#include "core/config/document.hpp"

#include <gatehouse/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// `; a name with "." needs quotes: "fast-4.1"`, or nothing for an empty name.
std::string needs_quotes(std::string_view name);

/// The name that TOML has split at its dots into tables: "fast-4.1" for `fast-4.1 = …`.  Empty if
/// `table` has a key or a value that may be meant.  `keys` are those that the table may have.
std::string dotted_name(const toml::key& name, const toml::table& table, const std::vector<Key>& keys);

/// The hint for a text that is not TOML because of the name at `at`, or nothing.
std::string hint_for_name(std::string_view text, const toml::source_position& at,
                          std::string_view description);

}  // namespace gatehouse::core
