// SPDX-License-Identifier: Apache-2.0
// The metrics of one provider.  Owned by Metrics.  Its counters may be used by [any thread].
#pragma once

#include "core/observe/ending.hpp"
#include "core/observe/failure_cause.hpp"
#include "core/observe/metric_families.hpp"

#include <gatehouse/error_kind_name.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace gatehouse::core {

inline const prometheus::Histogram::BucketBoundaries duration_seconds = {
    0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};

/// Counters that differ in labels, made when first used and found without a lock from then on.
template <std::size_t size>
class ProviderCounters {
public:
    /// `labels()` makes the labels of the counter at `index`.
    template <typename Labels>
    MetricFamilies::Counter& at(std::size_t index, MetricFamilies::Family<MetricFamilies::Counter>& family,
                                Labels&& labels) {
        MetricFamilies::Counter* counter = counters_[index].load(std::memory_order_acquire);
        if (!counter) {
            counter = &family.Add(labels());  // every caller gets the same counter
            counters_[index].store(counter, std::memory_order_release);
        }
        return *counter;
    }

private:
    std::array<std::atomic<MetricFamilies::Counter*>, size> counters_{};
};

/// The metrics of a provider's upstream requests.
struct UpstreamMetrics {
    UpstreamMetrics(MetricFamilies& all, const std::string& name)
        : first_token(all.first_tokens.Add({{"provider", name}}, first_token_seconds)),
          first_token_exemplars(
              all.exemplars.add(all.first_tokens.GetName(), {{"provider", name}}, first_token_seconds)),
          estimated_prompt(all.estimated.Add({{"provider", name}, {"kind", "prompt"}})),
          estimated_completion(all.estimated.Add({{"provider", name}, {"kind", "completion"}})),
          cancelled(all.left.Add({{"provider", name}, {"outcome", "cancelled"}})),
          drained(all.left.Add({{"provider", name}, {"outcome", "drained"}})),
          open_routes(all.open_routes.Add({{"provider", name}})),
          ejected(all.ejected.Add({{"provider", name}})),
          unusable(all.unusable.Add({{"provider", name}})),
          opened(all.opened.Add({{"provider", name}})),
          not_sent(all.not_sent.Add({{"provider", name}})),
          ejections(all.ejections.Add({{"provider", name}})),
          retries(all.retries.Add({{"provider", name}})),
          retries_refused(all.retries_refused.Add({{"provider", name}})),
          fallbacks(all.fallbacks.Add({{"provider", name}})) {}

    MetricFamilies::Histogram& first_token;
    Exemplars& first_token_exemplars;
    MetricFamilies::Counter &estimated_prompt, &estimated_completion;
    MetricFamilies::Counter &cancelled, &drained;
    MetricFamilies::Gauge &open_routes, &ejected, &unusable;
    MetricFamilies::Counter &opened, &not_sent, &ejections, &retries, &retries_refused, &fallbacks;
};

/// The metrics of one provider.
struct ProviderMetrics {
    /// `has_upstream`: false for the requests that never come to a provider.
    ProviderMetrics(MetricFamilies& all, const std::string& name, bool has_upstream)
        : provider(name),
          duration(all.durations.Add({{"provider", name}}, duration_seconds)),
          duration_exemplars(
              all.exemplars.add(all.durations.GetName(), {{"provider", name}}, duration_seconds)),
          prompt(all.tokens.Add({{"provider", name}, {"kind", "prompt"}})),
          completion(all.tokens.Add({{"provider", name}, {"kind", "completion"}})),
          cached(all.tokens.Add({{"provider", name}, {"kind", "cached"}})),
          cache_written(all.tokens.Add({{"provider", name}, {"kind", "cache_write"}})),
          reasoning(all.tokens.Add({{"provider", name}, {"kind", "reasoning"}})),
          wasted_prompt(all.wasted.Add({{"provider", name}, {"kind", "prompt"}})),
          wasted_completion(all.wasted.Add({{"provider", name}, {"kind", "completion"}})),
          upstream(has_upstream ? std::make_unique<UpstreamMetrics>(all, name) : nullptr) {}

    const std::string provider;
    MetricFamilies::Histogram& duration;
    Exemplars& duration_exemplars;
    MetricFamilies::Counter &prompt, &completion, &cached, &cache_written, &reasoning;
    MetricFamilies::Counter &wasted_prompt, &wasted_completion;
    const std::unique_ptr<UpstreamMetrics> upstream;  // null if no upstream belongs to it
    ProviderCounters<600> by_status = {};             // index 0: no status
    ProviderCounters<error_kinds> errors = {};
    ProviderCounters<error_kinds* failure_causes> upstream_errors = {};
    ProviderCounters<endings> by_outcome = {};
};

}  // namespace gatehouse::core
