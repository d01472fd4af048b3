// SPDX-License-Identifier: Apache-2.0
// The gateways that a command addresses by their configuration.  [main thread]
#pragma once

#include "core/app/active_config.hpp"

#include <gatehouse/result.hpp>

#include <filesystem>
#include <vector>

namespace gatehouse::core {

/// The running gateways of this user with the file `config`, at least one; root sees those of all users.  The
/// error can be printed as it is.
Result<std::vector<ActiveProcess>> running_gateways(const std::filesystem::path& config);

}  // namespace gatehouse::core
