// SPDX-License-Identifier: Apache-2.0
// The files whose content is a value of a configuration: `file:PATH` and `credential:NAME`.  [main thread]
#pragma once

#include "core/config/file.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::core {

struct FileReference {
    std::string key;  // `[authenticator.team] keys "agent"`, `[provider.x] api_key`; never a value
    std::filesystem::path file;
};

/// In the order of the file.  A reference to a credential is left out if there are no credentials.
std::vector<FileReference> file_references(const ConfigFile& file);

}  // namespace gatehouse::core
