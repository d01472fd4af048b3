// SPDX-License-Identifier: Apache-2.0
// The part of a library's description that all kinds have: name, version, and keys of its
// settings.  Plain values, created at start.
#pragma once

#include "plugins/common/c_door/members.hpp"

#include <gatehouse/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::c_bridge {

/// A key of `settings`.  Its type is never a table.
struct Setting {
    Key key;
    std::optional<Value> fallback;
};

struct Described {
    std::string name, version;
    std::vector<Setting> settings;
};

/// Reads the members `name`, `version` and `keys`.  Throws Mistake.
void read_described(Members& members, Described& out);

/// A text of letters, digits and the signs `also`; `rule` says so in the Mistake.
std::string name_in(Members& members, std::string_view key, std::string_view also, std::string_view rule);
/// A list of strings.  Throws Mistake.
std::vector<std::string> strings_in(Members& members, std::string_view name);

/// The type for messages, such as "an integer".
std::string_view expected(ValueType type);

}  // namespace gatehouse::c_bridge
