// SPDX-License-Identifier: Apache-2.0
// How wrong credentials of one address slow its requests.
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

TEST_CASE("so many wrong attempts a minute are free, then requests take turns") {
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

TEST_CASE("who waited and was wrong has paid for it, and who was right pays nothing") {
    AuthThrottle attempts(60);
    fail(attempts, visitor, 60);
    const auto guess = attempts.enter(visitor, start), good = attempts.enter(visitor, start);
    CHECK(good.wait == 2s);
    attempts.wrong(visitor, guess, start);
    CHECK(attempts.enter(visitor, start).wait == 3s);
    attempts.right(visitor, good, start);
    CHECK(attempts.enter(visitor, start).wait == 3s);
}

TEST_CASE("without a limit nobody waits, whatever he shows") {
    AuthThrottle attempts(0);
    fail(attempts, visitor, 1'000);
    CHECK(attempts.enter(visitor, start).wait == 0ms);
}

TEST_CASE("an IPv6 network is one address, and IPv4 in IPv6 the same as alone") {
    AuthThrottle attempts(60);
    fail(attempts, "2001:db8:0:1::1", 60);
    CHECK(attempts.enter("2001:db8:0:1:ffff::2", start).taken);
    CHECK(!attempts.enter("2001:db8:0:2::1", start).taken);
    fail(attempts, "::ffff:192.0.2.7", 60);
    CHECK(attempts.enter("192.0.2.7", start).taken);
    fail(attempts, "fe80::1%eth0", 60);
    CHECK(attempts.enter("fe80::1", start).taken);
}

TEST_CASE("a flood of addresses fills a bounded table, and does not wash out who guesses most") {
    AuthThrottle attempts(60, 100);
    fail(attempts, visitor, 60);
    for (int i = 0; i < 10'000; ++i)
        fail(attempts, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), 1);
    CHECK(attempts.enter(visitor, start).taken);
    // As a minute passes everybody is forgotten, and nobody is told to wait.
    CHECK(!attempts.enter(visitor, start + 120s).taken);
}
