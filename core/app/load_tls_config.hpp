// SPDX-License-Identifier: Apache-2.0
// Reads the TLS files of a configuration.  Errors and warnings point at the key that names the
// file.  [main thread]
#pragma once

#include "core/config/settings.hpp"
#include "core/tls/server_tls.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gatehouse::core {

/// The ends of the gateway's own certificates in seconds since 1970, by the table that names the file.
using CertificateEnds = std::map<std::string, std::int64_t>;

/// Returns the TLS settings for clients from [server.tls]; null if there is no such table or if it has a
/// mistake, which is added.
std::shared_ptr<const ServerTls> make_server_tls(const ConfigFile& file, const Settings& settings,
                                                 const std::shared_ptr<TicketKeys>& tickets,
                                                 CertificateEnds& ends, Mistakes& mistakes);

/// Checks that the TLS files of [upstream] and its hosts can be used; adds every mistake.
void check_upstream_tls(const ConfigFile& file, const Settings& settings, CertificateEnds& ends,
                        Mistakes& mistakes);

}  // namespace gatehouse::core
