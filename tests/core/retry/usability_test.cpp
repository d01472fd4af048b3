// SPDX-License-Identifier: Apache-2.0
#include "core/retry/usability.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

namespace {

using Change = Usability::Change;

struct Given {
    Usability usability;
    Usability::Clock::time_point now = Usability::Clock::now();

    Change fails(std::chrono::seconds later = 0s) {
        return usability.failed(Unusable::credentials, now += later);
    }
    Change succeeds() { return usability.succeeded(now); }
    bool usable() const { return usability.state(now).usable(); }
};

}  // namespace

TEST_CASE("a provider is usable after a success, or if it cannot be tested") {
    Given given;
    CHECK(!given.usable());
    CHECK(given.succeeds() == Change::none);
    CHECK(given.usable());
    Given untested;
    untested.usability.assume(untested.now);
    CHECK(untested.usable());
}

TEST_CASE("three failures in ten seconds or more make a provider unusable, and one success usable") {
    Given given;
    given.succeeds();
    CHECK(given.fails() == Change::none);
    CHECK(given.fails(20s) == Change::none);
    CHECK(given.usable());
    CHECK(given.fails() == Change::lost);
    CHECK(given.fails() == Change::none);
    CHECK(!given.usable());
    CHECK(given.usability.state(given.now + 5s).failing == 25s);
    CHECK(given.succeeds() == Change::found);
    CHECK(given.usable());
    CHECK(given.usability.state(given.now).failures == 0);
}

TEST_CASE("a provider that cannot be tested is usable again after a minute without a failure") {
    Given given;
    given.usability.assume(given.now);
    for (int i = 0; i < 3; ++i) given.fails(10s);
    CHECK(!given.usable());
    CHECK(given.usability.assume(given.now + 59s) == Change::none);
    CHECK(given.usability.assume(given.now + 60s) == Change::found);
    CHECK(given.usable());
}

TEST_CASE("many failures at once, and failures with successes between them, change nothing") {
    Given given;
    given.succeeds();
    for (int i = 0; i < 100; ++i) CHECK(given.fails() == Change::none);
    CHECK(given.usable());
    for (int i = 0; i < 100; ++i) {
        given.succeeds();
        CHECK(given.fails(60s) == Change::none);
        CHECK(given.fails(1s) == Change::none);
    }
    CHECK(given.usable());
}

TEST_CASE("refused credentials, missing responses and server errors count; the client's errors show use") {
    auto reason = [](ErrorKind kind, int status, bool unsigned_request = false) {
        const auto found = unusable_reason({.kind = kind}, status, unsigned_request);
        return std::string(found ? name_of(*found) : "");
    };
    CHECK(reason(ErrorKind::upstream, 401) == "credentials");
    CHECK(reason(ErrorKind::upstream, 403) == "credentials");
    CHECK(reason(ErrorKind::unavailable, 0, true) == "credentials");
    CHECK(reason(ErrorKind::upstream, 0) == "no_response");
    CHECK(reason(ErrorKind::timeout, 0) == "no_response");
    CHECK(reason(ErrorKind::upstream, 500) == "server_error");
    CHECK(reason(ErrorKind::unavailable, 503) == "server_error");
    CHECK(reason(ErrorKind::rate_limited, 429).empty());
    CHECK(reason(ErrorKind::bad_request, 0).empty());
    CHECK(reason(ErrorKind::internal, 0).empty());
    for (int status : {400, 404, 429}) CHECK(shows_use(status));
    for (int status : {0, 200, 401, 403, 407, 500, 503}) CHECK(!shows_use(status));
}
