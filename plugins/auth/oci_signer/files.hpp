// SPDX-License-Identifier: Apache-2.0
// What the signer needs of files and the environment besides the shared functions.
// Plain functions, any thread; they block, so they run at start or on a helper thread.
#pragma once

#include "plugins/common/files/files.hpp"

#include <gatehouse/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Looks up an environment variable; nothing if it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const char* name);

/// Puts `content` in the place of the file `path` at once or not at all, readable by
/// its owner only; where `path` is a link, of what it points to.
Result<void> replace_file(const std::string& path, std::string_view content);

/// `path` with a leading `~/` replaced by the home directory.
std::string expand_home(std::string path, const Environment& environment);

}  // namespace gatehouse::oci
