// SPDX-License-Identifier: Apache-2.0
// Converts the limits of [server] and [server.tls] to the structs that enforce them, and compares them with
// the descriptor limit.  [any thread]
#pragma once

#include "core/admission/admission.hpp"
#include "core/config/settings.hpp"
#include "core/net/server/server.hpp"

namespace gatehouse::core {

class Log;

ServerLimits server_limits(const Settings& settings);
/// The limits of the [admin] listener.
ServerLimits admin_limits(const Settings& settings);
AdmissionLimits admission_limits(const ServerOptions& options);

/// Logs it if the process may open too few descriptors for max_connections.
void warn_of_descriptors(const Server& server, const Settings& settings, Log& log);

}  // namespace gatehouse::core
