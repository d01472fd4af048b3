// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/gateway/routes: the providers with their health, and the routes of each model name.
// Plain functions.  [any thread]
#pragma once

#include "core/admin/readiness.hpp"

#include <string>

namespace gatehouse::core {

/// JSON.  At most 500 model names and 500 listed models of a provider.
std::string provider_report(const Readiness& readiness, const ConfigSnapshot& snapshot);

}  // namespace gatehouse::core
