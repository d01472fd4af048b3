// SPDX-License-Identifier: Apache-2.0
// The plugins of the active configuration as JSON.  Plain functions.  [any thread]
#pragma once

#include "core/plugin/used_plugin.hpp"

#include <gatehouse/json_writer.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// Writes the member `plugins`.
void write_plugins(JsonWriter& json, const std::vector<UsedPlugin>& plugins);

/// An object with this member alone, for GET /plugins of the [admin] listener.
std::string plugin_report(const std::vector<UsedPlugin>& plugins);

}  // namespace gatehouse::core
