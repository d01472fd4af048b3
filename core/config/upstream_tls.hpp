// SPDX-License-Identifier: Apache-2.0
// Converts the keys of [upstream] and its hosts to TLS settings.  [main thread]
#pragma once

#include "core/config/checked_config.hpp"
#include "core/config/settings.hpp"

namespace gatehouse::core {

/// `config` is the checked table of `options`.  Paths are relative to `file`'s folder.  Adds every
/// mistake; the result is then incomplete.
UpstreamTls upstream_tls_of(const ConfigFile& file, const CheckedConfig& config,
                            const UpstreamOptions& options, Mistakes& mistakes);

}  // namespace gatehouse::core
