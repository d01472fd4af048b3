// SPDX-License-Identifier: Apache-2.0
// The headers of a client's limits, in Anthropic's words.
#include "plugins/dialect/anthropic/limits.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using std::chrono::milliseconds;

TEST_CASE("the standing of a client in Anthropic's headers") {
    const std::chrono::system_clock::time_point now(std::chrono::seconds(1'794'744'000));
    http::Headers headers = {{"anthropic-ratelimit-requests-limit", "9"}};
    add_limits({.requests = LimitState{60, 0, milliseconds(800)},
                .tokens = LimitState{1'000, 7, milliseconds(60'000)},
                .retry_after = milliseconds(801)},
               now, headers);
    CHECK(headers.get("anthropic-ratelimit-requests-limit") == "60");
    CHECK(headers.get("anthropic-ratelimit-requests-remaining") == "0");
    CHECK(headers.get("anthropic-ratelimit-requests-reset") == "2026-11-15T12:00:01Z");
    CHECK(headers.get("anthropic-ratelimit-tokens-limit") == "1000");
    CHECK(headers.get("anthropic-ratelimit-tokens-remaining") == "7");
    CHECK(headers.get("anthropic-ratelimit-tokens-reset") == "2026-11-15T12:01:00Z");
    CHECK(headers.get("retry-after-ms") == "801");
    CHECK(rfc3339(std::chrono::system_clock::time_point()) == "1970-01-01T00:00:00Z");
}
