// SPDX-License-Identifier: Apache-2.0
// Collects the metrics of all stores, also their sizes at each scrape.  Owned by Metrics.  [any thread]
#pragma once

#include "core/observe/metric_families.hpp"
#include "core/observe/metrics.hpp"
#include "core/observe/store_metrics.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace gatehouse::core {

class StoreCollector {
public:
    explicit StoreCollector(MetricFamilies& families) : families_(families) {}

    /// A store of this name, or its successor after a reload.  measure() calls `size`.
    std::shared_ptr<StoreMetrics> add(const std::string& name, std::function<StoreSize()> size);

    void measure();

private:
    MetricFamilies& families_;
    std::mutex mutex_;
    std::map<std::string, std::function<StoreSize()>> sizes_;
};

}  // namespace gatehouse::core
