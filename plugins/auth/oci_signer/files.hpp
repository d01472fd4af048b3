// SPDX-License-Identifier: Apache-2.0
// File and environment functions of the signer, in addition to the shared functions.
// Plain functions, any thread.  They block, so they run at start or on a helper thread.
#pragma once

#include "plugins/common/files/files.hpp"

#include <gatehouse/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Returns an environment variable, or nothing if it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const char* name);

/// Replaces the file `path` by `content` atomically, readable by its owner only.  If `path`
/// is a link, replaces its target.
Result<void> replace_file(const std::string& path, std::string_view content);

/// Replaces a leading `~/` by the home directory.
std::string expand_home(std::string path, const Environment& environment);

}  // namespace gatehouse::oci
