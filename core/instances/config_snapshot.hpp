// SPDX-License-Identifier: Apache-2.0
// One configuration in force: its settings, its instances, and what its providers
// have listed.  Shared by the flows that began under it; a later configuration
// takes over without disturbing them, and it goes with the last of them.
#pragma once

#include "core/admission/admission.hpp"
#include "core/admission/auth_throttle.hpp"
#include "core/config/settings.hpp"
#include "core/instances/catalogue.hpp"
#include "core/instances/cors.hpp"
#include "core/instances/plugin_instances.hpp"
#include "core/observe/metrics.hpp"

#include <memory>

namespace gatehouse::core {

/// Read-only for flows, but for what is mutable, which takes care of its threads.
struct ConfigSnapshot {
    const Settings settings;
    Log& log;
    Metrics& metrics;
    const Cors cors;
    const std::shared_ptr<const PluginInstances> instances;
    Admission* admission = nullptr;  // null: everybody runs at once
    mutable Catalogue catalogue = {};
    std::shared_ptr<AuthThrottle> auth_throttle = std::make_shared<AuthThrottle>(0);
};

/// Makes every instance of the file.  The error is complete, with file, line and
/// column.  [main thread]
Result<std::shared_ptr<const ConfigSnapshot>> make_config_snapshot(
    const ConfigFile& file, Settings settings, Services& services, Log& log, Metrics& metrics,
    Healths& healths, Admission& admission, std::shared_ptr<AuthThrottle> auth_throttle);

}  // namespace gatehouse::core
