// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/sampling.hpp"

#include <cmath>

namespace gatehouse::otlp {

namespace {

constexpr std::uint64_t all = std::uint64_t{1} << 56;

bool has_failed(const Story& record) { return record.status >= 500 || record.outcome == "cut"; }

}  // namespace

Sampling::Sampling(const Options& options)
    : threshold_(static_cast<std::uint64_t>(std::llround((1 - options.sample) * static_cast<double>(all)))),
      keep_failed_(options.keep_failed),
      keep_unsampled_(options.keep_unsampled),
      slow_(options.keep_slower_than_ms) {}

bool Sampling::samples(const Trace& trace) const {
    if (trace.parent.valid()) return trace.parent_sampled;
    return (trace.id.low & (all - 1)) >= threshold_;
}

bool Sampling::keeps(const Story& record) const {
    if (samples(record.trace)) return true;
    if (record.trace.parent.valid() && !keep_unsampled_) return false;
    return (keep_failed_ && has_failed(record)) || (slow_.count() > 0 && record.total >= slow_);
}

}  // namespace gatehouse::otlp
