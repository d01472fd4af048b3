// SPDX-License-Identifier: Apache-2.0
// Histograms of requests and of their attempts, cumulative since the start of the instance, in OTLP's JSON.
// The number of series is bounded.  One thread at a time.
#pragma once

#include "plugins/observer/otlp/options.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/observer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::otlp {

/// One histogram.  Its series are named by their attributes as JSON.
class HistogramSeries {
public:
    /// Further series count under the attribute otel.metric.overflow, as the specification of the SDK says.
    static constexpr std::size_t most_series = 500;

    HistogramSeries(const char* name, const char* unit, const char* description, std::vector<double> bounds)
        : name_(name), unit_(unit), description_(description), bounds_(std::move(bounds)) {}

    void add(const std::string& attributes, double value);
    bool empty() const { return series_.empty(); }
    /// A member of the list "metrics".  The times are nanoseconds since 1970.
    void write(JsonWriter& json, const std::string& start, const std::string& now) const;

private:
    struct Series {
        std::vector<std::uint64_t> buckets;
        std::uint64_t count = 0;
        double sum = 0;
    };

    const char *name_, *unit_, *description_;
    const std::vector<double> bounds_;
    std::map<std::string, Series> series_;
};

class Histograms {
public:
    /// `options` outlive this object.
    explicit Histograms(const Options& options);

    void add(const Story& record);
    bool empty() const { return requests_.empty(); }
    /// The list "metrics", without brackets.
    std::string json(std::chrono::system_clock::time_point start,
                     std::chrono::system_clock::time_point now) const;

private:
    void add_attempt(const Story& record, const StoryAttempt& attempt);

    const Options& options_;
    HistogramSeries requests_, attempts_, first_chunks_, tokens_;
};

}  // namespace gatehouse::otlp
