// SPDX-License-Identifier: Apache-2.0
// The timeouts, limits and price of a route, and the handling of its response after the client has left.
// Merged at start from [upstream], the provider's table and its per_model.  Owned by
// NamedProvider.  Read-only: [any thread].
#pragma once

#include "core/config/route_options.hpp"
#include "core/config/settings.hpp"
#include "core/retry/health.hpp"
#include "core/util/route_timeouts.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

struct RoutePolicy {
    RouteTimeouts timeouts;
    bool drains;  // on_disconnect = "drain", with these bounds
    std::chrono::milliseconds drain_time;
    std::size_t drain_bytes;
    std::size_t max_response_bytes;
    std::optional<Price> price = {};  // none: the configuration has none
};

/// When the breakers of a provider open, and how many of its requests may be retries.
HealthLimits health_limits(const UpstreamOptions& options);

class RoutePolicies {
public:
    explicit RoutePolicies(const UpstreamOptions& upstream = {}, const ProviderOptions& provider = {});

    /// An exact name takes precedence over a pattern, and a longer pattern over a shorter one.
    const RoutePolicy& of(std::string_view model) const;

private:
    RoutePolicy provider_;
    std::vector<std::pair<std::string, RoutePolicy>> models_;  // the first that matches
};

}  // namespace gatehouse::core
