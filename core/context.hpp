// SPDX-License-Identifier: Apache-2.0
// One configuration in force: its settings, its house, and what its providers
// have listed.  Shared by the flows that began under it; a later configuration
// takes over without disturbing them, and it goes with the last of them.
#pragma once

#include "core/admission/admission.hpp"
#include "core/config/settings.hpp"
#include "core/cors.hpp"
#include "core/discovery.hpp"
#include "core/house.hpp"
#include "core/observe/metrics.hpp"
#include "core/wrong_attempts.hpp"

#include <memory>

namespace gatehouse::core {

/// Read-only for flows, but for what is mutable, which takes care of its threads.
struct Context {
    const Settings settings;
    Log& log;
    Metrics& metrics;
    const Cors cors;
    const std::shared_ptr<const House> house;
    Admission* admission = nullptr;  // null: everybody runs at once
    mutable Catalogue catalogue = {};
    std::shared_ptr<WrongAttempts> wrong_attempts = std::make_shared<WrongAttempts>(0);
};

/// Makes every instance of the file.  The error is complete, with file, line and
/// column.  [main thread]
Result<std::shared_ptr<const Context>> make_context(const ConfigFile& file, Settings settings,
                                                    Services& services, Log& log, Metrics& metrics,
                                                    Healths& healths, Admission& admission,
                                                    std::shared_ptr<WrongAttempts> wrong_attempts);

}  // namespace gatehouse::core
