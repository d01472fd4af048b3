// SPDX-License-Identifier: Apache-2.0
// Words for messages: suggestions for misspelt names, and lists of names.
// Plain functions.  [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The one of `names` that is most like `name`, or an empty string if none is near.
std::string nearest(std::string_view name, const std::vector<std::string>& names);

/// `; did you mean "x"?`, or nothing if nothing is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& names);

/// Appends `one` to `list`, "a, b".
void add_to_list(std::string& list, std::string_view one);

/// "a, b, c"
std::string joined(const std::vector<std::string>& names, std::string_view between = ", ");

/// `name` as a TOML key: bare if it may be, else quoted.
std::string as_key(std::string_view name);

/// Whether `name` may name an instance or a plugin: letters, digits, _ and -, at most 64.
bool is_plain_name(std::string_view name);

}  // namespace gatehouse::core
