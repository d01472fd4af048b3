// SPDX-License-Identifier: Apache-2.0
// A reload makes a new instance.  The old one ends with its last request.
#include "tests/plugins/limiter/limited.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

Table one_request(const char* policy = "refuse") {
    return {{{"limits", tables({{{{"requests_per_minute", toml(std::int64_t{3})}}}})},
             {"on_store_failure", toml(policy)}}};
}

}  // namespace

TEST_CASE_FIXTURE(Limited, "running requests count over a reload") {
    limits({{{{"running", toml(std::int64_t{2})}}}});
    auto first = grant(), second = grant();
    CHECK_FALSE(passes());
    const auto before = std::move(limiter);
    limits({{{{"running", toml(std::int64_t{2})}}}});
    CHECK_FALSE(passes());
    first->settle(bill(1, 1));
    CHECK(passes());
    second->settle(bill(1, 1));
}

TEST_CASE_FIXTURE(Limited, "costs that wait for the store are stored by the instance after a reload") {
    use(one_request("allow"));
    store.failure = Error{ErrorKind::unavailable, "away"};
    for (int i = 0; i < 2; ++i) grant()->settle(bill(1, 1));
    auto running = grant();
    auto before = std::move(limiter);
    use(one_request("allow"));
    running->settle(bill(1, 1));
    running.reset();
    before.reset();
    host.timers.pop_front();  // that of the old instance, which has ended
    CHECK(counted("settlements_pending") == 3);
    CHECK(counted("settlements_lost_total") == 0);
    store.failure.reset();
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "a request that ends after a reload is settled once") {
    use(one_request());
    auto last = grant();
    auto before = std::move(limiter);
    use(one_request());
    store.failure = Error{ErrorKind::unavailable, "away"};
    last->settle({});  // nothing was sent: its request comes back
    last.reset();
    before.reset();
    CHECK(counted("settlements_pending") == 1);
    store.failure.reset();
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    for (int i = 0; i < 3; ++i) CHECK(passes());
    CHECK_FALSE(passes());
}

TEST_CASE_FIXTURE(Limited, "a reload names the budgets that begin at zero, once") {
    auto budget = [](const char* scope, const char* per, double amount = 1) {
        return Table{{{"for", toml(scope)}, {"per", toml(per)}, {"amount", toml(amount)}}};
    };
    std::unique_ptr<Limiter> before;
    auto reload = [&](std::vector<Table> list, const char* zone = "UTC") {
        before = std::move(limiter);
        budgets(std::move(list), {{{"time_zone", toml(zone)}}});
        return limiter->doubt({"oci", "x"}, {});
    };
    const std::string begin =
        "budgets begin at zero, because their `for`, `per`, `models` or `routes` or the `time_zone` changed: ";
    CHECK(reload({budget("key:*", "month")}).empty());
    CHECK(reload({budget("key:*", "month", 2)}).empty());
    CHECK(reload({budget("key:*", "month"), budget("all", "day")}).empty());  // only added
    CHECK(reload({budget("key:*", "day"), budget("all", "day")}) == begin + "\"key:*\" per day");
    CHECK(limiter->doubt({"oci", "x"}, {}).empty());
    CHECK(limiter->doubt({"lab", "x"}, {}).starts_with("the route"));
    CHECK(reload({budget("key:*", "day")}).empty());  // only removed
    CHECK(reload({budget("key:*", "day"), budget("all", "hour")}, "Asia/Tokyo") ==
          begin + "\"key:*\" per day, \"all\" per hour");
    CHECK(reload({budget("key:*", "day"), budget("all", "hour")}, "Asia/Seoul").empty());  // the same days
    before.reset();
    CHECK(limiter->doubt({"oci", "x"}, {}).empty());
}

namespace {

/// A reload that names another store for the limiter.
struct OtherStore : Limited {
    FakeStore other;
    std::unique_ptr<Limiter> before;

    OtherStore() { start(store); }
    void start(FakeStore& of) {
        host.given_store = &of;
        budgets({{{{"for", toml("key:*")}, {"amount", toml(0.01)}}}},
                {{{"on_store_failure", toml("allow")}}});
    }
    void reload(FakeStore& of) {
        before = std::move(limiter);
        start(of);
    }
    /// The rest of the budget in this store.
    std::string rest(FakeStore& of) {
        auto kept = std::move(limiter);
        start(of);
        LimitDecision decision = decide();
        REQUIRE(decision.grant);
        const std::string text(decision.standing.headers.get("x-gatehouse-budget-remaining"));
        decision.grant->settle({});  // nothing was sent
        decision.grant.reset();
        limiter = std::move(kept);
        return text;
    }
};

const Error away{ErrorKind::unavailable, "away"};
// The rest that rest() shows is without its own reservation of 0.0012.
const std::string full = "0.0088 USD", less_one = "0.00863 USD";

}  // namespace

TEST_CASE_FIXTURE(OtherStore,
                  "a request that ends after a reload is settled in the store of its reservation") {
    auto running = grant();
    reload(other);
    const StoreSize unused = other.size();
    running->settle(bill(100, 7));
    CHECK(other.size().records == unused.records);
    CHECK(rest(store) == less_one);
    CHECK(rest(other) == full);
}

TEST_CASE_FIXTURE(OtherStore, "costs that wait for their store go to no other one") {
    auto running = grant();
    store.failure = away;
    running->settle(bill(100, 7));
    running.reset();
    reload(other);
    run_timers();
    CHECK(counted("settlements_pending") == 1);
    SUBCASE("they are stored while the old instance lives") {
        store.failure.reset();
        run_timers();
        CHECK(counted("settlements_pending") == 0);
        CHECK(counted("settlements_lost_total") == 0);
        CHECK(rest(store) == less_one);
    }
    SUBCASE("they are lost with the old instance, and the log says so") {
        host.timers.clear();
        before.reset();
        run_timers();
        CHECK(counted("settlements_pending") == 0);
        CHECK(counted("settlements_lost_total") == 1);
        CHECK(host.logged.back() == "costs lost: no limiter with their store is left count=1");
    }
    CHECK(rest(other) == full);
}

TEST_CASE_FIXTURE(OtherStore, "costs wait until the store of the next instance has told its number") {
    auto running = grant();
    store.failure = away;
    running->settle(bill(100, 7));
    running.reset();
    SUBCASE("the same store") {
        reload(store);
        host.timers.pop_front();  // that of the old instance
        before.reset();
        run_timers();
        CHECK(counted("settlements_pending") == 1);
        store.failure.reset();
        run_timers();
        CHECK(counted("settlements_lost_total") == 0);
        CHECK(rest(store) == less_one);
    }
    SUBCASE("another store") {
        other.failure = away;
        reload(other);
        host.timers.pop_front();  // that of the old instance
        before.reset();
        run_timers();
        CHECK(counted("settlements_pending") == 1);
        other.failure.reset();
        run_timers();
        CHECK(counted("settlements_lost_total") == 1);
        CHECK(rest(other) == full);
    }
    CHECK(counted("settlements_pending") == 0);
}

TEST_CASE_FIXTURE(OtherStore,
                  "costs of a store that was never reached go to the store of the next instance") {
    store.failure = away;
    start(store);
    auto running = grant();
    running->settle(bill(100, 7));
    running.reset();
    host.timers.clear();
    reload(other);
    before.reset();
    run_timers();
    CHECK(counted("settlements_pending") == 0);
    CHECK(counted("settlements_lost_total") == 0);
    CHECK(rest(other) == less_one);
}

TEST_CASE_FIXTURE(OtherStore, "a store that could not tell its number at first is asked again") {
    store.failure = away;
    start(store);
    store.failure.reset();
    grant()->settle(bill(100, 7));
    auto running = grant();
    store.failure = away;
    running->settle(bill(100, 7));
    running.reset();
    host.timers.clear();
    reload(other);
    before.reset();
    run_timers();
    CHECK(counted("settlements_lost_total") == 1);
    CHECK(rest(other) == full);
}

TEST_CASE_FIXTURE(OtherStore, "the log says that budgets begin at zero in a store that is new") {
    const std::string begin =
        "budgets begin at zero reason=the store is new, or loses its counters when the process ends";
    CHECK(host.logged.empty());  // an earlier process has used the store
    reload(other);
    CHECK(host.logged == std::vector<std::string>{begin});
    reload(other);
    FakeStore third;
    host.given_store = &third;
    limits({{{{"requests_per_minute", toml(std::int64_t{3})}}}});
    CHECK(host.logged == std::vector<std::string>{begin});
}

TEST_CASE_FIXTURE(OtherStore,
                  "the log says that a store was emptied while the limiter runs, once and within a minute") {
    auto use_it = [&] { grant()->settle(bill(100, 7)); };
    use_it();
    host.logged.clear();
    store.time += std::chrono::hours(24 * 365 * 20);  // all records have expired
    use_it();
    CHECK(host.logged.empty());
    for (int i = 0; i < 2; ++i) {
        host.time += std::chrono::seconds(60);
        use_it();
    }
    const std::string emptied =
        "budgets begin at zero reason=the store was emptied, or another store replaced it";
    CHECK(host.logged == std::vector<std::string>{emptied});
    store.failure = away;
    host.time += std::chrono::seconds(60);
    use_it();
    store.failure.reset();
    run_timers();
    CHECK(std::ranges::count(host.logged, emptied) == 1);
}
