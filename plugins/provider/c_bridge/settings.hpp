// SPDX-License-Identifier: Apache-2.0
// The user's settings for a library, checked against the keys that it describes, as the
// JSON that its create() gets.  Functions without state; at start.
#pragma once

#include "plugins/provider/c_bridge/description.hpp"

#include <gatehouse/host.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::c_bridge {

/// As the file has them: a lone string is a list of one.
using Given = std::map<std::string, std::vector<std::string>>;

/// Throws KeyError with the path of the setting at fault.
std::string config_json(const Description& description, const Given& given, const Limits& limits);

/// The path of a setting in the provider's table.
std::string path_of(const std::string& setting);

}  // namespace gatehouse::c_bridge
