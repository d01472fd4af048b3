// SPDX-License-Identifier: Apache-2.0
// The page /metrics in its two formats.  Plain functions: [any thread].
#pragma once

#include "core/observe/metric_families.hpp"
#include "core/observe/plugin_meters.hpp"

#include <string>

namespace gatehouse::core {

/// text/plain; version=0.0.4, which has no exemplars.
std::string plain_metrics(const MetricFamilies& families, const PluginMeters& plugins);

/// application/openmetrics-text; version=1.0.0.
std::string open_metrics(const MetricFamilies& families, const PluginMeters& plugins);

}  // namespace gatehouse::core
