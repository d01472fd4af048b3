// SPDX-License-Identifier: Apache-2.0
// The headers of a client's limits, in OpenAI's words.
#include "plugins/dialect/openai/limits.hpp"
#include "plugins/dialect/openai/errors.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using std::chrono::milliseconds;

TEST_CASE("times are written as OpenAI writes them") {
    CHECK(duration_text(milliseconds(0)) == "0ms");
    CHECK(duration_text(milliseconds(17)) == "17ms");
    CHECK(duration_text(milliseconds(999)) == "999ms");
    CHECK(duration_text(milliseconds(1'000)) == "1s");
    CHECK(duration_text(milliseconds(1'200)) == "1.2s");
    CHECK(duration_text(milliseconds(10'000)) == "10s");
    CHECK(duration_text(milliseconds(59'999)) == "59.999s");
    CHECK(duration_text(milliseconds(360'000)) == "6m0s");
    CHECK(duration_text(milliseconds(3'723'004)) == "1h2m3.004s");
}

TEST_CASE("the standing of a client replaces the headers of an upstream") {
    http::Headers headers = {{"x-ratelimit-limit-requests", "9"}};
    add_limits({.requests = LimitState{60, 0, milliseconds(800)},
                .tokens = LimitState{1'000, 7, milliseconds(59'580)},
                .retry_after = milliseconds(801),
                .headers = {{"x-gatehouse-budget-remaining", "1.50 USD"}}},
               headers);
    CHECK(headers.get("x-ratelimit-limit-requests") == "60");
    CHECK(headers.get("x-ratelimit-remaining-requests") == "0");
    CHECK(headers.get("x-ratelimit-reset-requests") == "800ms");
    CHECK(headers.get("x-ratelimit-limit-tokens") == "1000");
    CHECK(headers.get("x-ratelimit-remaining-tokens") == "7");
    CHECK(headers.get("x-ratelimit-reset-tokens") == "59.58s");
    CHECK(headers.get("retry-after-ms") == "801");
    CHECK(headers.get("x-gatehouse-budget-remaining") == "1.50 USD");
    http::Headers none;
    add_limits({}, none);
    CHECK(none.begin() == none.end());
}

TEST_CASE("clients do not retry a spent budget, and retry a rate") {
    Error error{.kind = ErrorKind::rate_limited, .message = "m", .code = "insufficient_quota"};
    CHECK(error_response(error).head.headers.get("x-should-retry") == "false");
    error.code = "rate_limit_exceeded";
    CHECK_FALSE(error_response(error).head.headers.has("x-should-retry"));
}
