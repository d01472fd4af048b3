// SPDX-License-Identifier: Apache-2.0
// Writes a file that may contain secrets, in one step.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>

namespace gatehouse::core {

/// Writes `content` into a new file that only the owner may read.  An existing file is replaced.
Result<void> write_private(const std::filesystem::path& path, const std::string& content);

/// Renames `fresh` to `path`.  It gets the owner, the group and the mode of a file that is there.
Result<void> put_in_place(const std::filesystem::path& fresh, const std::filesystem::path& path);

/// Writes `content` to `path` through a file in the same folder.  Makes missing folders.
Result<void> replace_file(const std::filesystem::path& path, const std::string& content);

/// Copies `from` to `to` with its owner, group and mode.
Result<void> copy_private(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace gatehouse::core
