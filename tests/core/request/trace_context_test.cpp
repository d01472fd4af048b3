// SPDX-License-Identifier: Apache-2.0
#include "core/request/trace_context.hpp"

#include <doctest/doctest.h>

#include <string>

using gatehouse::core::is_trace_parent;

TEST_CASE("a valid traceparent is recognized, and each wrong one is not") {
    const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(is_trace_parent(good));
    CHECK(is_trace_parent("cc" + good.substr(2)));
    CHECK(is_trace_parent("cc" + good.substr(2) + "-later"));
    CHECK_FALSE(is_trace_parent(""));
    CHECK_FALSE(is_trace_parent(good + "-"));
    CHECK_FALSE(is_trace_parent("cc" + good.substr(2) + "later"));
    CHECK_FALSE(is_trace_parent("ff" + good.substr(2)));
    CHECK_FALSE(is_trace_parent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        CAPTURE(i);
        CHECK_FALSE(is_trace_parent(good.substr(0, i)));
        for (const char wrong : {'G', 'A', ' ', '\r'}) {
            std::string changed = good;
            changed[i] = wrong;
            CHECK_FALSE(is_trace_parent(changed));
        }
    }
}
