// SPDX-License-Identifier: Apache-2.0
// The meters of plugins: checked declarations, and their lines of /metrics.
//
// A meter lives as long as this object, so that its number survives a reload.  Owned by Metrics.
// Declaring and text(): [any thread], under a lock.  Adding takes no lock.
#pragma once

#include <gatehouse/meter.hpp>
#include <gatehouse/result.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct MeterDeclaration {
    std::string_view instance, name, help;
    MeterLabels labels = {};
    std::vector<double> buckets = {};  // upper limits of a histogram, ascending
};

class PluginMeters {
public:
    static constexpr std::size_t max_meters = 1'000,
                                 max_series = 1'000;  // meters of all plugins; series of one meter

    PluginMeters();
    ~PluginMeters();

    // The same declaration returns the same meter.  The error says which part of it is wrong.
    Result<Counter*> counter(const MeterDeclaration& declared);
    Result<Gauge*> gauge(const MeterDeclaration& declared);
    Result<Histogram*> histogram(const MeterDeclaration& declared);

    /// All meters in Prometheus' text format, or in OpenMetrics without its end.
    std::string text(bool open_metrics = false) const;

    class Meter;

private:
    template <typename Made>
    Result<Made*> declare(const MeterDeclaration& declared);

    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Meter>> meters_;  // by full name
};

/// An error if the declaration breaks a rule of meter.hpp; plugin-check uses it too.
Result<void> check_declaration(const MeterDeclaration& declared, bool is_counter);

}  // namespace gatehouse::core
