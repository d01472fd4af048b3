// SPDX-License-Identifier: Apache-2.0
// What the core answers itself: /health, /ready, /metrics and preflights.
// Needs no credential: probes and scrapers have none.  [any thread]
#pragma once

#include "core/instances/cors.hpp"
#include "core/observe/metrics.hpp"

#include <optional>

namespace gatehouse::core {

struct EndpointState {
    const Metrics& metrics;
    const Cors& cors;
    bool ready;  // requests are accepted: neither starting nor draining
};

/// The answer, or nothing if this is a request for a dialect.
std::optional<http::Response> own_page(const http::RequestHead& request, const EndpointState& state);

}  // namespace gatehouse::core
