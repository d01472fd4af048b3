// SPDX-License-Identifier: Apache-2.0
// Files that belong to the program: next to the installed binary, or in the tree that it was built from.
// [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::core {

/// The folder `name` of the examples of configurations, such as "init".
Result<std::filesystem::path> example_folder(const std::string& name);

/// The names of the files in `folder` that end in `suffix`, without it, sorted.
std::vector<std::string> names_with_suffix(const std::filesystem::path& folder, const std::string& suffix);

/// A leading ~/ is replaced by the home folder.
std::filesystem::path in_home(const std::string& path);

}  // namespace gatehouse::core
