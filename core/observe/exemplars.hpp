// SPDX-License-Identifier: Apache-2.0
// The exemplars of histograms: in each bucket the newest request whose trace is recorded.  An operator finds
// a slow request by them (OpenMetrics 1.0, "Exemplars").  Owned by MetricFamilies.  [any thread]
#pragma once

#include <gatehouse/trace.hpp>

#include <prometheus/client_metric.h>
#include <prometheus/histogram.h>
#include <prometheus/labels.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct Exemplar {
    TraceId trace = {};
    double value = 0;
    double time_s = 0;  // since 1970
};

/// The exemplars of one histogram.
class Exemplars {
public:
    explicit Exemplars(prometheus::Histogram::BucketBoundaries bounds)
        : bounds_(std::move(bounds)), buckets_(bounds_.size() + 1) {}

    void note(double value, const TraceId& trace);
    /// Bucket 0 is the lowest.  Nothing: no traced request was in it.
    std::optional<Exemplar> of(std::size_t bucket) const;

private:
    const prometheus::Histogram::BucketBoundaries bounds_;
    mutable std::mutex mutex_;  // guards the member below
    std::vector<std::optional<Exemplar>> buckets_;
};

/// The exemplars of all histograms, by the family's name and the labels.
class ExemplarIndex {
public:
    Exemplars& add(const std::string& family, const prometheus::Labels& labels,
                   const prometheus::Histogram::BucketBoundaries& bounds);
    /// Null: the histogram has none.
    const Exemplars* find(const std::string& family,
                          const std::vector<prometheus::ClientMetric::Label>& labels) const;

private:
    mutable std::mutex mutex_;  // guards the member below
    std::map<std::string, std::unique_ptr<Exemplars>, std::less<>> all_;
};

}  // namespace gatehouse::core
