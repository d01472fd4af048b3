// SPDX-License-Identifier: Apache-2.0
// The decisions of core/retry in isolation, with a clock that the tests advance.
#include "core/retry/health.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;
using Change = Breaker::Change;

namespace {

const Breaker::Limits three{3, 1s};
const auto start = Breaker::Clock::time_point(1'000'000s);

Breaker opened() {
    Breaker breaker;
    for (int i = 0; i < 3; ++i) (void)breaker.failed(start, three);
    return breaker;
}

}  // namespace

TEST_CASE("a breaker opens after enough recent failures, if they are at least as many as the successes") {
    Breaker breaker;
    CHECK(breaker.failed(start, three) == Change::none);
    CHECK(breaker.failed(start + 1s, three) == Change::none);
    CHECK(breaker.admit(start + 1s, three));
    CHECK(breaker.failed(start + 2s, three) == Change::opened);
    CHECK(!breaker.admit(start + 2s, three));
    CHECK(breaker.wait(start + 2s) == 1s);

    Breaker mostly_well;
    for (int i = 0; i < 10; ++i) (void)mostly_well.succeeded(start);
    for (int i = 0; i < 9; ++i) CHECK(mostly_well.failed(start, three) == Change::none);
    CHECK(mostly_well.failed(start, three) == Change::opened);

    Breaker seldom;
    for (int i = 0; i < 100; ++i) CHECK(seldom.failed(start + i * 5s, three) == Change::none);

    Breaker never;
    for (int i = 0; i < 100; ++i) CHECK(never.failed(start, {0, 1s}) == Change::none);
}

TEST_CASE("an open breaker admits one trial request, whose outcome closes or reopens it") {
    Breaker breaker = opened();
    CHECK(!breaker.would_admit(start + 999ms));
    CHECK(breaker.admit(start + 1s, three));
    CHECK(!breaker.admit(start + 1s, three));
    CHECK(breaker.succeeded(start + 2s) == Change::closed);
    for (int i = 0; i < 9; ++i) CHECK(breaker.admit(start + 2s, three));
    CHECK(breaker.failed(start + 2s, three) == Change::none);  // the interval starts again
}

TEST_CASE("each failed trial doubles the open interval up to a limit, and earlier failures do not") {
    Breaker breaker = opened();
    auto now = start;
    for (auto rest : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        for (int i = 0; i < 5; ++i)
            CHECK(breaker.failed(now, three) == Change::none);  // sent before it opened
        CHECK(breaker.wait(now) == rest);
        now += rest;
        CHECK(breaker.admit(now, three));
        CHECK(breaker.failed(now, three) == Change::none);
    }
}

TEST_CASE("a trial without an outcome is replaced by another trial") {
    Breaker breaker = opened();
    CHECK(breaker.admit(start + 1s, three));
    CHECK(!breaker.admit(start + 1'999ms, three));
    CHECK(breaker.admit(start + 2s, three));
}

TEST_CASE("names without failures use no memory, and the number of failing names is bounded") {
    Breakers breakers({1, 1s});
    CHECK(breakers.succeeded("fine", start) == Change::none);
    for (std::size_t i = 0; i < 2 * Breakers::most; ++i) (void)breakers.failed(std::to_string(i), start);
    CHECK(breakers.open() == Breakers::most);
    CHECK(!breakers.admit("fine", start));
    CHECK(!breakers.admit(std::to_string(Breakers::most), start));
    CHECK(breakers.admit("0", start) == 1s);
    CHECK(breakers.succeeded("0", start) == Change::closed);
    CHECK(breakers.open() == Breakers::most - 1);

    Breakers closed({2, 1s});  // old closed breakers are evicted
    for (std::size_t i = 0; i < Breakers::most; ++i) (void)closed.failed(std::to_string(i), start);
    CHECK(closed.failed("new", start + 1s) == Change::none);
    CHECK(closed.failed("new", start + 1s) == Change::none);
    CHECK(closed.failed("new", start + 11s) == Change::none);
    CHECK(closed.failed("new", start + 11s) == Change::opened);
}

TEST_CASE("a retry budget is a percentage of the requests of ten seconds plus a minimum") {
    RetryBudget budget({.percent = 20, .floor = 2});
    auto taken = [&](RetryBudget::Clock::time_point now) {
        int count = 0;
        while (count < 1'000 && budget.take(now)) ++count;
        return count;
    };
    CHECK(taken(start) == 2);
    for (int i = 0; i < 100; ++i) budget.request(start + 1s);
    CHECK(taken(start + 1s) == 20);
    CHECK(taken(start + 9s) == 0);
    CHECK(taken(start + 10s) == 2);  // the first two have expired, the hundred still count
    CHECK(taken(start + 11s) == 0);
    CHECK(taken(start + 1'000s) == 2);
}

TEST_CASE("an outcome tells whether the upstream is alive, also if the client caused the error") {
    auto verdict = [](ErrorKind kind, int status) { return outcome_of({kind, "x"}, status); };
    CHECK(verdict(ErrorKind::upstream, 0) == Outcome::failing);
    CHECK(verdict(ErrorKind::upstream, 200) == Outcome::failing);  // malformed or truncated
    CHECK(verdict(ErrorKind::upstream, 502) == Outcome::failing);
    CHECK(verdict(ErrorKind::unavailable, 503) == Outcome::failing);
    CHECK(verdict(ErrorKind::timeout, 0) == Outcome::failing);
    CHECK(verdict(ErrorKind::timeout, 504) == Outcome::failing);
    CHECK(verdict(ErrorKind::timeout, 408) == Outcome::alive);
    CHECK(verdict(ErrorKind::rate_limited, 429) == Outcome::alive);
    CHECK(verdict(ErrorKind::bad_request, 400) == Outcome::alive);
    CHECK(verdict(ErrorKind::bad_request, 0) == Outcome::unknown);  // the provider's own rejection
    CHECK(verdict(ErrorKind::upstream, 401) == Outcome::unknown);
    CHECK(verdict(ErrorKind::upstream, 302) == Outcome::unknown);
    CHECK(verdict(ErrorKind::internal, 200) == Outcome::unknown);
}

TEST_CASE("the count of open breakers is reduced when they close or when the provider is destroyed") {
    int routes = 0, places = 0, refused = 0;
    auto listener = [&](HealthEvent what, std::string_view) {
        routes += (what == HealthEvent::breaker_opened) - (what == HealthEvent::breaker_closed);
        places += (what == HealthEvent::endpoint_ejected) - (what == HealthEvent::endpoint_back);
        refused += what == HealthEvent::breaker_refused;
    };
    {
        ProviderHealth health({.route = {1, 1h}, .endpoint = {1, 1h}}, listener);
        health.endpoint_failed("http://only.test");
        CHECK(places == 0);
        health.has_several_endpoints();
        for (const char* name : {"a", "b", "c"}) {
            health.failed(name);
            health.endpoint_failed(name);
        }
        CHECK(health.refuses("a"));
        CHECK(health.ejected("a"));
        health.answered("b");
        health.endpoint_answered("b");
        CHECK(routes == 2);
        CHECK(places == 2);
        CHECK(refused == 1);
    }
    CHECK(routes == 0);
    CHECK(places == 0);
}

TEST_CASE("all workers can use the health of a provider concurrently") {
    ProviderHealth health({.route = {5, 1ms}, .endpoint = {5, 1ms}});
    health.has_several_endpoints();
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker)
        workers.emplace_back([&health, worker] {
            for (int i = 0; i < 2'000; ++i) {
                const std::string name = std::to_string(i % 7);
                health.first_attempt();
                (void)health.refuses(name);
                (void)health.ejected(name);
                if ((i + worker) % 3 == 0) {
                    health.failed(name);
                    health.endpoint_failed(name);
                    (void)health.may_retry();
                } else {
                    health.answered(name);
                    health.endpoint_answered(name);
                }
            }
        });
    for (std::thread& worker : workers) worker.join();
    for (int i = 0; i < 7; ++i) {
        health.answered(std::to_string(i));
        CHECK(!health.refuses(std::to_string(i)));
    }
}
