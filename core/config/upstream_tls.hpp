// SPDX-License-Identifier: Apache-2.0
// From the keys of [upstream] and its hosts to what is trusted and shown.  [main thread]
#pragma once

#include "core/config/settings.hpp"
#include "core/config/validate.hpp"

namespace gatehouse::core {

/// `config` is the checked table that `options` came from.  Files count from `file`'s folder.
Result<UpstreamTls> upstream_tls_of(const ConfigFile& file, const CheckedConfig& config,
                                    const UpstreamOptions& options);

}  // namespace gatehouse::core
