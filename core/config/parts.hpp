// SPDX-License-Identifier: Apache-2.0
// Names the places of a configuration as an operator knows them: `[authenticator.team] keys "agent"`.
// Only the sources of core/config include this.
#pragma once

#include "core/config/document.hpp"
#include "core/config/instances.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

/// The tables of `file` with their titles, "[server]" or "[provider.backup]", in the order of the file.
std::vector<std::pair<std::string, const toml::table*>> parts_of(const ConfigFile& file);

/// The table of an instance.  REQUIRES: instances() has returned it for `file`.
const toml::table& table_of(const ConfigFile& file, const InstanceConfig& instance);

/// "models.fast" for the key "fast" in "models".
std::string joined_path(const std::string& path, std::string_view key);

/// The tables of a list by their `name`, in their order.  Nothing if not all have one, or two have the same.
std::optional<std::vector<std::pair<std::string, const toml::table*>>> named_entries(const toml::node& list);

/// `keys "agent"` for the entry "agent" of the list "keys".
std::string entry_path(const std::string& path, std::string_view name);

}  // namespace gatehouse::core
