// SPDX-License-Identifier: Apache-2.0
// One active configuration: its settings, its plugin instances and the models that its
// providers have listed.  Shared by the workers and by the requests that began under it.
// A reload does not affect running requests; the last of them destroys the old snapshot.
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

/// Read-only for requests.  The mutable members are safe for any thread.
struct ConfigSnapshot {
    const Settings settings;
    Log& log;
    Metrics& metrics;
    const Cors cors;
    const std::shared_ptr<const PluginInstances> instances;
    Admission* admission = nullptr;  // null: no limit on concurrent requests
    mutable Catalogue catalogue = {};
    std::shared_ptr<AuthThrottle> auth_throttle = std::make_shared<AuthThrottle>(0);
};

/// Creates every plugin instance of the file, and adds every mistake and warning.  Returns null if
/// `mistakes` is not empty.  [main thread]
std::shared_ptr<const ConfigSnapshot> make_config_snapshot(const ConfigFile& file, Settings settings,
                                                           Services& services, Log& log, Metrics& metrics,
                                                           Healths& healths, Admission& admission,
                                                           std::shared_ptr<AuthThrottle> auth_throttle,
                                                           Mistakes& mistakes);

}  // namespace gatehouse::core
