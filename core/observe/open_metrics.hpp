// SPDX-License-Identifier: Apache-2.0
// Metrics in the text format of OpenMetrics 1.0, with exemplars:
// https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md
// prometheus-cpp 1.0 writes only the older format.  Plain functions: [any thread].
#pragma once

#include "core/observe/exemplars.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

inline constexpr std::string_view open_metrics_end = "# EOF\n";

/// The families without the end of the text.
std::string open_metrics_text(const std::vector<prometheus::MetricFamily>& families,
                              const ExemplarIndex& exemplars);

/// A number as both formats have it.
std::string metric_number(double value);

/// The text of a label, in both formats.
std::string metric_escaped(std::string_view text);

/// A number as a label `le` of OpenMetrics, which always has a decimal point or an exponent.
std::string canonical_number(double value);

/// The name of a counter's family, which has no "_total".
std::string_view family_name(std::string_view name, bool is_counter);

}  // namespace gatehouse::core
