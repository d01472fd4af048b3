// SPDX-License-Identifier: Apache-2.0
#include "core/instances/route_policy.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

RoutePolicy policy_of(const UpstreamOptions& options) {
    return {.timeouts = options.timeouts,
            .drains = options.on_disconnect == "drain",
            .drain_time = milliseconds(options.drain_response_ms),
            .drain_bytes = static_cast<std::size_t>(options.drain_response_bytes),
            .max_response_bytes = static_cast<std::size_t>(options.max_response_bytes)};
}

RoutePolicy changed(RoutePolicy policy, const RouteOptions& by) {
    policy.timeouts = overridden(policy.timeouts, by.timeouts);
    if (by.on_disconnect) policy.drains = *by.on_disconnect == "drain";
    if (by.drain_response_ms) policy.drain_time = milliseconds(*by.drain_response_ms);
    if (by.price) policy.price = price_of(*by.price);
    if (by.drain_response_bytes) policy.drain_bytes = static_cast<std::size_t>(*by.drain_response_bytes);
    return policy;
}

}  // namespace

HealthLimits health_limits(const UpstreamOptions& options) {
    return {.route = {options.breaker_failures, milliseconds(options.breaker_open_ms)},
            .endpoint = {options.endpoint_failures, milliseconds(options.endpoint_open_ms)},
            .retries = {options.retry_percent, options.retry_min}};
}

RoutePolicies::RoutePolicies(const UpstreamOptions& upstream, const ProviderOptions& provider)
    : provider_(changed(policy_of(upstream), provider)) {
    for (const auto& [pattern, options] : provider.per_model)
        models_.emplace_back(pattern, changed(provider_, options));
    std::ranges::stable_sort(models_,
                             [](const auto& a, const auto& b) { return is_more_specific(a.first, b.first); });
}

const RoutePolicy& RoutePolicies::of(std::string_view model) const {
    for (const auto& [pattern, policy] : models_)
        if (matches_pattern(pattern, model)) return policy;
    return provider_;
}

}  // namespace gatehouse::core
