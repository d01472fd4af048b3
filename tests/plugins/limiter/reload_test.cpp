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
