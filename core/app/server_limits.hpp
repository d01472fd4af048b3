// SPDX-License-Identifier: Apache-2.0
// What [server] and [server.tls] say of limits, as those who keep them want it.  [any thread]
#pragma once

#include "core/admission/admission.hpp"
#include "core/config/settings.hpp"
#include "core/net/server/server.hpp"

namespace gatehouse::core {

ServerLimits server_limits(const Settings& settings);
/// Those of the listener of [admin].
ServerLimits admin_limits(const Settings& settings);
AdmissionLimits admission_limits(const ServerOptions& options);

}  // namespace gatehouse::core
