// SPDX-License-Identifier: Apache-2.0
// The build, and the process by the names that Prometheus' client libraries use (process_*).
#pragma once

#include "core/observe/metric_families.hpp"

#include <mutex>

namespace gatehouse::core {

class ProcessMetrics {
public:
    explicit ProcessMetrics(MetricFamilies& families);

    /// Reads the numbers of the process from /proc.  [any thread]
    void measure();

private:
    std::mutex mutex_;  // guards the step of the counter
    prometheus::Counter& cpu_;
    prometheus::Gauge &resident_, &open_files_, &max_files_, &start_;
};

}  // namespace gatehouse::core
