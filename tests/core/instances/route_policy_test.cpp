// SPDX-License-Identifier: Apache-2.0
#include "core/instances/route_policy.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using namespace std::chrono_literals;

TEST_CASE("a model's settings override its provider's, which override [upstream]") {
    UpstreamOptions upstream;
    upstream.timeouts.connect = 1ms;
    upstream.on_disconnect = "drain";
    ProviderOptions provider;
    provider.timeouts.idle = 2ms;
    provider.drain_response_bytes = 3;
    provider.per_model["gpt-*"].timeouts.response = 4ms;
    provider.per_model["gpt-5*"].on_disconnect = "cancel";
    provider.per_model["gpt-5"].drain_response_ms = 5;
    const RoutePolicies policies(upstream, provider);
    CHECK(policies.of("other").timeouts.connect == 1ms);
    CHECK(policies.of("other").timeouts.idle == 2ms);
    CHECK(policies.of("other").drains);
    CHECK(policies.of("other").drain_bytes == 3);
    CHECK(policies.of("gpt-4").timeouts.response == 4ms);
    CHECK(policies.of("gpt-4").timeouts.idle == 2ms);
    CHECK(!policies.of("gpt-5-mini").drains);
    CHECK(policies.of("gpt-5-mini").timeouts.response == 600s);
    CHECK(policies.of("gpt-5").drains);
    CHECK(policies.of("gpt-5").drain_time == 5ms);
}
