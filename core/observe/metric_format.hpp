// SPDX-License-Identifier: Apache-2.0
// The choice between the two text formats of /metrics by the header `Accept`.  [any thread]
#pragma once

#include <string_view>

namespace gatehouse::core {

/// Whether a scraper with this header `Accept` prefers OpenMetrics 1.0 to the older text format (RFC 9110,
/// 12.5.1).  A value that cannot be read counts as absent.
bool prefers_open_metrics(std::string_view accept);

}  // namespace gatehouse::core
