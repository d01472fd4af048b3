// SPDX-License-Identifier: Apache-2.0
// The choice of the traces that are exported.  Read-only: [any thread].
#pragma once

#include "plugins/observer/otlp/options.hpp"

#include <gatehouse/observer.hpp>

namespace gatehouse::otlp {

class Sampling {
public:
    explicit Sampling(const Options& options);

    /// As far as the beginning of a request tells.  The caller's flag decides; without a caller, the trace id
    /// does, as other services of the same ratio do:
    /// https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling.
    bool samples(const Trace& trace) const;

    /// Whether the finished request is exported: it was sampled, has failed, or was slow.
    bool keeps(const Story& record) const;

private:
    const std::uint64_t threshold_;  // for the low 56 bits of a trace id; lower ids are not sampled
    const bool keep_failed_, keep_unsampled_;
    const std::chrono::milliseconds slow_;  // 0: none is slow
};

}  // namespace gatehouse::otlp
