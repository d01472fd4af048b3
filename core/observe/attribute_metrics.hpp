// SPDX-License-Identifier: Apache-2.0
// Requests and tokens by the attributes of clients that [metrics] chooses.
//
// The number of series is bounded: an attribute has at most `attribute_values` values, and all further
// values count as "other".  Owned by Metrics.  [any thread], under a short lock.
#pragma once

#include "core/config/settings.hpp"
#include "core/observe/metric_families.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct RequestRecord;

class AttributeMetrics {
public:
    explicit AttributeMetrics(MetricFamilies& families) : families_(families) {}

    /// Counts a finished request under each chosen attribute that its client has.
    void count(const MetricsOptions& options, const RequestRecord& record);

private:
    using Counter = prometheus::Counter;
    struct Numbers {
        std::map<int, Counter*> by_class;  // 2 for 2xx; 0: no status
        Counter *prompt, *completion, *cached;
    };
    using Values = std::map<std::string, Numbers, std::less<>>;

    void count(const std::string& attribute, Numbers& numbers, const std::string& value,
               const RequestRecord& record);
    Numbers& numbers_of(const std::string& attribute, std::string& value, std::int64_t max_values);

    MetricFamilies& families_;
    std::mutex mutex_;  // guards the member below
    std::map<std::string, Values, std::less<>> attributes_;
};

}  // namespace gatehouse::core
