// SPDX-License-Identifier: Apache-2.0
// The metrics of model calls by the names of OpenTelemetry's GenAI conventions 1.41, as Prometheus spells
// them: https://github.com/open-telemetry/semantic-conventions/tree/v1.41.0/docs/gen-ai
//
// Each upstream request is one call.  The number of series is bounded, because clients may name any model.
// Owned by Metrics.  [any thread]
#pragma once

#include "core/observe/metric_families.hpp"

#include <gatehouse/observer.hpp>

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace gatehouse::core {

class GenAiMetrics {
public:
    static constexpr std::size_t most_models = 100;  // combinations of operation, provider and model
    static constexpr std::size_t most_errors = 100;  // combinations of them and an error

    explicit GenAiMetrics(MetricFamilies& families) : families_(families) {}

    /// Counts the attempts of a request that is over.
    void count(const Story& details);

private:
    void count_call(const Story& details, const StoryAttempt& attempt);
    /// The labels that all metrics of a call have.
    prometheus::Labels labels_of(const Story& details, const StoryAttempt& attempt);

    MetricFamilies& families_;
    std::mutex mutex_;  // guards the members below
    std::set<prometheus::Labels> models_, errors_;
};

}  // namespace gatehouse::core
