// SPDX-License-Identifier: Apache-2.0
// The decision for a client: errors with their words, codes and times, and the standing of its limits.
// Functions without state: any thread.
#pragma once

#include "plugins/limiter/quota/plan.hpp"

#include <optional>
#include <vector>

namespace gatehouse::quota {

/// The values of the counters of a plan, in the order of its charges; absent for running requests, which
/// the store does not count.
using Values = std::vector<std::optional<std::int64_t>>;

/// The refusal by the counters that had these values and did not change.
LimitDecision refused(const Plan& plan, const Values& values, const std::string& currency, Seconds now);
/// The refusal by a limit of running requests.
LimitDecision too_many_running(const Charge& charge);
LimitDecision unpriced(const Route& route, const std::string& model);
LimitDecision store_away(const std::string& reason);

/// The charge whose prompt alone exceeds its limit, or null.
const Charge* too_large(const Plan& plan);
LimitDecision exceeds(const Plan& plan, const Charge& charge);

/// The strictest limits after these values.
Standing standing_of(const Plan& plan, const Values& values, const std::string& currency);

}  // namespace gatehouse::quota
