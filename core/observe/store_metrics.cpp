// SPDX-License-Identifier: Apache-2.0
#include "core/observe/store_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

namespace gatehouse::core {

void StoreMetrics::read(std::size_t hits, std::size_t misses) {
    if (hits > 0) numbers_.hits.Increment(static_cast<double>(hits));
    if (misses > 0) numbers_.misses.Increment(static_cast<double>(misses));
}

void StoreMetrics::wrote(std::chrono::steady_clock::duration time) {
    numbers_.writes.Observe(std::chrono::duration<double>(time).count());
}

void StoreMetrics::failed() { numbers_.failures.Increment(); }
void StoreMetrics::unkept() { numbers_.unkept.Increment(); }

}  // namespace gatehouse::core
