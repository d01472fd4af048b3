// SPDX-License-Identifier: Apache-2.0
#include "core/observe/store_collector.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

const prometheus::Histogram::BucketBoundaries write_seconds = {0.00001, 0.0001, 0.001, 0.005, 0.01,
                                                               0.05,    0.1,    0.5,   1,     2};

}  // namespace

std::shared_ptr<StoreMetrics> StoreCollector::add(const std::string& name, std::function<StoreSize()> size) {
    std::lock_guard lock(mutex_);
    sizes_[name] = std::move(size);
    const prometheus::Labels label = {{"store", name}};
    return std::make_shared<StoreMetrics>(
        StoreMetrics::Numbers{.hits = families_.store_reads.Add({{"store", name}, {"result", "hit"}}),
                              .misses = families_.store_reads.Add({{"store", name}, {"result", "miss"}}),
                              .failures = families_.store_failures.Add(label),
                              .unkept = families_.unkept.Add(label),
                              .writes = families_.store_writes.Add(label, write_seconds)});
}

void StoreCollector::measure() {
    std::lock_guard lock(mutex_);
    for (const auto& [name, size] : sizes_) {
        const StoreSize now = size();
        families_.store_records.Add({{"store", name}}).Set(static_cast<double>(now.records));
        families_.store_bytes.Add({{"store", name}}).Set(static_cast<double>(now.bytes));
    }
}

}  // namespace gatehouse::core
