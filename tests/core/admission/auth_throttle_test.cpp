// SPDX-License-Identifier: Apache-2.0
// Failed authentications of an address delay its requests.
#include "core/admission/auth_throttle.hpp"

#include <doctest/doctest.h>

using gatehouse::core::AuthThrottle;
using namespace std::chrono_literals;

namespace {

const AuthThrottle::Time start{};
constexpr auto visitor = "192.0.2.7";

void fail(AuthThrottle& attempts, const std::string& address, int times, AuthThrottle::Time now = start) {
    for (int i = 0; i < times; ++i) attempts.wrong(address, {}, now);
}

}  // namespace

TEST_CASE("failed authentications up to the limit are not delayed, further requests are") {
    AuthThrottle attempts(60);
    fail(attempts, visitor, 59);
    CHECK(attempts.enter(visitor, start).wait == 0ms);
    fail(attempts, visitor, 1);
    for (int i = 1; i <= 10; ++i) {
        const auto turn = attempts.enter(visitor, start);
        CHECK(turn.wait == i * 1s);
        CHECK(turn.taken);
        CHECK(!turn.refused);
    }
    const auto eleventh = attempts.enter(visitor, start);
    CHECK(eleventh.refused);
    CHECK(eleventh.wait == 11s);
    CHECK(attempts.enter("192.0.2.8", start).wait == 0ms);
    CHECK(attempts.enter(visitor, start + 71s).wait == 0ms);
}

TEST_CASE("a delayed request that fails is not charged again, and a successful request is not charged") {
    AuthThrottle attempts(60);
    fail(attempts, visitor, 60);
    const auto guess = attempts.enter(visitor, start), good = attempts.enter(visitor, start);
    CHECK(good.wait == 2s);
    attempts.wrong(visitor, guess, start);
    CHECK(attempts.enter(visitor, start).wait == 3s);
    attempts.right(visitor, good, start);
    CHECK(attempts.enter(visitor, start).wait == 3s);
}

TEST_CASE("no request is delayed if the limit is 0") {
    AuthThrottle attempts(0);
    fail(attempts, visitor, 1'000);
    CHECK(attempts.enter(visitor, start).wait == 0ms);
}

TEST_CASE("an IPv6 /64 counts as one address, and an IPv4-mapped address as the IPv4 address") {
    AuthThrottle attempts(60);
    fail(attempts, "2001:db8:0:1::1", 60);
    CHECK(attempts.enter("2001:db8:0:1:ffff::2", start).taken);
    CHECK(!attempts.enter("2001:db8:0:2::1", start).taken);
    fail(attempts, "::ffff:192.0.2.7", 60);
    CHECK(attempts.enter("192.0.2.7", start).taken);
    fail(attempts, "fe80::1%eth0", 60);
    CHECK(attempts.enter("fe80::1", start).taken);
}

TEST_CASE(
    "a flood of addresses fills a bounded table and does not evict the address with the most failures") {
    AuthThrottle attempts(60, 100);
    fail(attempts, visitor, 60);
    for (int i = 0; i < 10'000; ++i)
        fail(attempts, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), 1);
    CHECK(attempts.enter(visitor, start).taken);
    // After a minute all addresses are evicted, and no request is delayed.
    CHECK(!attempts.enter(visitor, start + 120s).taken);
}
