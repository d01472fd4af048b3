// SPDX-License-Identifier: Apache-2.0
// Which instances may use which store.
//
// The records of an authenticator decide which clients may enter.  The store that an authenticator names
// belongs to it, so that the records of clients never compete with them for room.
#pragma once

#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Whether the store that an instance of the kind names belongs to the instance alone.
inline bool owns_its_store(std::string_view kind) { return kind == "authenticator"; }

/// The stores that belong to no instance, in the order of the file.  If there is one, it is the store of a
/// dialect or a limiter that names none.
std::vector<std::string> common_stores(const std::vector<InstanceConfig>& all);

/// Adds a mistake for each instance whose store does not exist, belongs to another instance, or is not clear.
void check_stores(const ConfigFile& file, const std::vector<InstanceConfig>& all, Mistakes& mistakes);

}  // namespace gatehouse::core
