// SPDX-License-Identifier: Apache-2.0
// Opens the log of a configuration.  [main thread]
#pragma once

#include "core/app/gateway.hpp"
#include "core/config/settings.hpp"
#include "core/observe/log.hpp"

#include <memory>

namespace gatehouse::core {

/// Whether the log could be opened; the error points at the key.
Result<void> check_log(const ConfigFile& file, const LogOptions& options);

/// Only a gateway that serves writes the log's file; other commands write to stderr.  Writes to stderr
/// too if the file cannot be opened, and adds the mistake.
Result<std::unique_ptr<Log>> open_log(const ConfigFile& file, LogOptions options, Gateway::Purpose purpose,
                                      Mistakes& mistakes);

}  // namespace gatehouse::core
