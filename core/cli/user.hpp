// SPDX-License-Identifier: Apache-2.0
// `gatehouse check --user NAME`: the user whose rights decide which files can be read.  [main thread]
#pragma once

#include "core/config/mistakes.hpp"

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>

namespace gatehouse::core {

/// Gives this process the rights, the groups and HOME of a user for the rest of its life.  `name` is a name
/// or a number.  Needs root, unless it is the user of this process already.
Result<void> become_user(const std::string& name);

/// Adds a warning if this process is root, there is no mistake, and the configuration or a file that it names
/// can be read by root only.  The service of another user cannot read it.
void warn_of_files_of_root(const std::filesystem::path& config, Mistakes& mistakes);

}  // namespace gatehouse::core
