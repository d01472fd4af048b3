// SPDX-License-Identifier: Apache-2.0
// Checks the user's settings against the library's keys and converts them to JSON for its
// create().  Functions without state; at start.
#pragma once

#include "plugins/common/c_door/described.hpp"

#include <gatehouse/host.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::c_bridge {

/// Settings of the file; a string is a list with one element.
using Given = std::map<std::string, std::vector<std::string>>;

/// Throws KeyError with the path of the wrong setting.
std::string config_json(const Described& description, const Given& given, const Limits& limits);

/// The key `settings` of a plugin.  The library defines the types.  Any setting may be a secret,
/// so all of them are hidden.
template <typename Options>
Field<Options> settings_field(Given Options::*member) {
    auto field =
        string_lists("settings", member, "The library's own keys.  Write numbers and booleans in quotes.");
    field.key.secret = true;
    return field;
}

/// The path of a setting in the instance's table.
std::string path_of(const std::string& setting);

}  // namespace gatehouse::c_bridge
