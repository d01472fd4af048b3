// SPDX-License-Identifier: Apache-2.0
#include "core/retry/policy.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

RoutePolicy policy_of(const UpstreamOptions& options) {
    return {.timeouts = options.timeouts,
            .drains = options.on_disconnect == "drain",
            .drain_time = milliseconds(options.drain_response_ms),
            .drain_bytes = static_cast<std::size_t>(options.drain_response_bytes)};
}

RoutePolicy changed(RoutePolicy policy, const RouteOptions& by) {
    policy.timeouts = overridden(policy.timeouts, by.timeouts);
    if (by.on_disconnect) policy.drains = *by.on_disconnect == "drain";
    if (by.drain_response_ms) policy.drain_time = milliseconds(*by.drain_response_ms);
    if (by.drain_response_bytes) policy.drain_bytes = static_cast<std::size_t>(*by.drain_response_bytes);
    return policy;
}

bool matches(std::string_view pattern, std::string_view model) {
    if (!pattern.ends_with('*')) return pattern == model;
    return model.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

RoutePolicies::RoutePolicies(const UpstreamOptions& upstream, const ProviderOptions& provider)
    : provider_(changed(policy_of(upstream), provider)) {
    for (const auto& [pattern, options] : provider.per_model)
        models_.emplace_back(pattern, changed(provider_, options));
    std::ranges::stable_sort(models_, [](const auto& a, const auto& b) {
        const bool a_is_exact = !a.first.ends_with('*'), b_is_exact = !b.first.ends_with('*');
        return a_is_exact != b_is_exact ? a_is_exact : a.first.size() > b.first.size();
    });
}

const RoutePolicy& RoutePolicies::of(std::string_view model) const {
    for (const auto& [pattern, policy] : models_)
        if (matches(pattern, model)) return policy;
    return provider_;
}

}  // namespace gatehouse::core
