// SPDX-License-Identifier: Apache-2.0
// From [server.tls] of a file to what the server shows its clients: mistakes point at
// their key, and what is unwise goes to the log.  [main thread]
#pragma once

#include "core/config/settings.hpp"
#include "core/tls/server_tls.hpp"

#include <memory>

namespace gatehouse::core {

class Log;

/// Null if the file wants none.
Result<std::shared_ptr<const ServerTls>> make_clients_tls(const ConfigFile& file, const Settings& settings,
                                                          const std::shared_ptr<TicketKeys>& tickets,
                                                          Log& log);

}  // namespace gatehouse::core
