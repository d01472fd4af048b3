// SPDX-License-Identifier: Apache-2.0
#include "core/util/route_timeouts.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace gatehouse::core;
using namespace std::chrono_literals;

TEST_CASE("an override replaces only the timeouts that it has") {
    const RouteTimeouts usual;
    const RouteTimeouts timeouts = overridden(usual, {.connect = 7ms, .idle = 8ms});
    CHECK(timeouts.connect == 7ms);
    CHECK(timeouts.first_byte == usual.first_byte);
    CHECK(timeouts.response == usual.response);
    CHECK(timeouts.stream == usual.stream);
    CHECK(timeouts.idle == 8ms);
    for (const auto& key : route_timeout_keys<RouteTimeoutOverrides>)
        CHECK(!(RouteTimeoutOverrides{}.*key.member));
}

TEST_CASE("each key of a route timeout sets a different member") {
    RouteTimeouts timeouts;
    std::set<std::string> names;
    auto next = 1ms;
    for (const auto& key : route_timeout_keys<RouteTimeouts>) {
        CHECK(names.insert(key.name).second);
        timeouts.*key.member = next++;
    }
    next = 1ms;
    for (const auto& key : route_timeout_keys<RouteTimeouts>) CHECK(timeouts.*key.member == next++);
}
