// SPDX-License-Identifier: Apache-2.0
// The numbers of one store.  Made by Metrics::store(), shared by the instances that use the
// store.  [any thread]
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace gatehouse::core {

class StoreMetrics {
public:
    struct Numbers {
        prometheus::Counter &hits, &misses, &failures, &unkept;
        prometheus::Histogram& writes;
    };
    explicit StoreMetrics(const Numbers& numbers) : numbers_(numbers) {}

    /// The result of one get().
    void read(std::size_t hits, std::size_t misses);
    void wrote(std::chrono::steady_clock::duration time);
    /// An operation failed; a conflict is not a failure.
    void failed();
    /// A document of a response was not stored in time.
    void unkept();

private:
    const Numbers numbers_;
};

}  // namespace gatehouse::core
