// SPDX-License-Identifier: Apache-2.0
// Counts requests, tokens, cost and times by client, model and route.
//
// The number of series is bounded: beyond `usage_series` combinations of client, model and route, further
// combinations count as "other".  Owned by Metrics.  [any thread], under a short lock.
#pragma once

#include "core/observe/ending.hpp"
#include "core/observe/metric_families.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace gatehouse::core {

class UsageMetrics {
public:
    explicit UsageMetrics(MetricFamilies& families) : families_(families) {}

    /// Counts a finished request.  `max_series`: the number of combinations; 0: counts nothing.
    void count(std::int64_t max_series, const RequestRecord& record);

private:
    struct Numbers {
        prometheus::Labels labels;
        std::array<prometheus::Counter*, endings> by_outcome = {};  // made when first counted
        prometheus::Counter *prompt, *completion, *cached;
        prometheus::Histogram* first_token;
        std::string currency = {};            // that of the last cost
        prometheus::Counter* cost = nullptr;  // in that currency; made when first counted
    };
    void add_cost(Numbers& numbers, const Cost& cost);
    Numbers& numbers_of(std::int64_t max_series, const RequestRecord& record);
    Numbers make(const std::string& client, const std::string& model, const std::string& route);

    MetricFamilies& families_;
    std::mutex mutex_;  // guards the members below
    std::string key_;   // the current call uses it; it keeps its memory
    std::map<std::string, Numbers, std::less<>> all_;
};

}  // namespace gatehouse::core
