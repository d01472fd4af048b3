// SPDX-License-Identifier: Apache-2.0
// The endpoints that the core serves itself: /health, /ready, /metrics, HEAD / and CORS preflights.
// They need no credential, because probes and scrapers have none.  [any thread]
#pragma once

#include "core/instances/cors.hpp"
#include "core/observe/metrics.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace gatehouse::core {

struct EndpointState {
    const Metrics& metrics;
    const Cors& cors;
    /// Returns the reason why no request should come; empty: ready.
    const std::function<std::string_view()>& unready;
    bool alive = true;  // at least one worker returns from its tasks
};

/// Returns the response, or nullopt if the request is for a dialect.
std::optional<http::Response> own_page(const http::RequestHead& request, const EndpointState& state);

}  // namespace gatehouse::core
