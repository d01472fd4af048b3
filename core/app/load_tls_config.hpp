// SPDX-License-Identifier: Apache-2.0
// The files for TLS that a configuration names, read when it is: mistakes point at their
// key, and what is unwise goes to the log.  [main thread]
#pragma once

#include "core/config/settings.hpp"
#include "core/tls/server_tls.hpp"

#include <memory>

namespace gatehouse::core {

class Log;

/// What clients are shown, by [server.tls]; null if there is none.
Result<std::shared_ptr<const ServerTls>> make_server_tls(const ConfigFile& file, const Settings& settings,
                                                         const std::shared_ptr<TicketKeys>& tickets,
                                                         Log& log);

/// Whether what [upstream] and its hosts name can be used.
Result<void> check_upstream_tls(const ConfigFile& file, const Settings& settings, Log& log);

}  // namespace gatehouse::core
