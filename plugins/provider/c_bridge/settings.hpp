// SPDX-License-Identifier: Apache-2.0
// Checks the user's settings against the library's keys and converts them to JSON for its
// create().  Functions without state; at start.
#pragma once

#include "plugins/provider/c_bridge/description.hpp"

#include <gatehouse/host.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::c_bridge {

/// Settings of the file; a string is a list with one element.
using Given = std::map<std::string, std::vector<std::string>>;

/// Throws KeyError with the path of the wrong setting.
std::string config_json(const Description& description, const Given& given, const Limits& limits);

/// The path of a setting in the provider's table.
std::string path_of(const std::string& setting);

}  // namespace gatehouse::c_bridge
