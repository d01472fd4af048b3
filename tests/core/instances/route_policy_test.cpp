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

TEST_CASE("a model's price is its own, or its provider's, in integers") {
    ProviderOptions provider;
    provider.per_model["gpt-5"].price = {.input = 0.0375, .output = 8};
    provider.per_model["free"].price = {.input = 0, .output = 0};
    CHECK(!RoutePolicies({}, provider).of("other").price);
    provider.price = {.input = 2.5, .output = 1'000'000};
    const RoutePolicies policies({}, provider);
    CHECK(policies.of("gpt-5").price->input == 37'500);
    CHECK(policies.of("gpt-5").price->output == 8'000'000);
    CHECK(policies.of("free").price->input == 0);
    CHECK(policies.of("other").price->input == 2'500'000);
    CHECK(policies.of("other").price->output == 1'000'000'000'000);
}

TEST_CASE("a price is a decimal number with six digits after the point") {
    for (const double price : {0.0, 0.000001, 0.1, 0.15, 0.3, 2.675, 123456.654321, 999999.999999, 1e6})
        CHECK_MESSAGE(wrong_price(price).empty(), price);
    for (const double price : {0.0000001, 0.0000000001, 0.1234567, 2.6750001, 1234.5678901})
        CHECK_MESSAGE(wrong_price(price) == "must have at most six digits after the point", price);
    CHECK(wrong_price(-0.01) == "must not be negative");
    CHECK(wrong_price(1000000.5) == "must be at most 1000000, for a million tokens");
}
