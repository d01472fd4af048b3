// SPDX-License-Identifier: Apache-2.0
// Everything that `gatehouse check` looks at without a network.  [main thread]
#pragma once

#include "core/app/gateway.hpp"
#include "core/config/mistakes.hpp"

#include <filesystem>
#include <memory>

namespace gatehouse::core {

/// Makes the gateway of `config`, which is not started.  Adds mistakes and warnings, among them lines that
/// plugins write to the log at level warning and above: the log of the gateway is in memory.  Returns null if
/// there is a mistake.
std::unique_ptr<Gateway> check_file(const std::filesystem::path& config, Gateway::Purpose purpose,
                                    Mistakes& mistakes);

}  // namespace gatehouse::core
