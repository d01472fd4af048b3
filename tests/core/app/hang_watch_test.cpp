// SPDX-License-Identifier: Apache-2.0
// Workers that do not return are counted, and all of them together fail the health check.
#include "core/app/hang_watch.hpp"
#include "core/app/admin_endpoints.hpp"
#include "core/app/builtin_endpoints.hpp"
#include "core/app/exit_deadline.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"

#include "tests/core/patience.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

class CountedLoop final : public Loop {
public:
    void post(std::function<void()>) override {}
    TimerId after(std::chrono::milliseconds, std::function<void()>) override { return 1; }
    void cancel(TimerId) override {}
    void watch(int, bool, bool, Watcher&) override {}
    bool watch_edges(int, EdgeWatcher&) override { return false; }
    void unwatch(int) override {}
    std::uint64_t turn() const override { return turns; }
    void set_stuck(bool is) override { stuck = is; }

    std::uint64_t turns = 0;
    bool stuck = false;
};

struct Watched {
    std::unique_ptr<Log> log = *Log::open({});
    Metrics metrics;
    CountedLoop first, second;
    HangWatch watch{*log, metrics};

    Watched() { watch.watch({&first, &second}); }
    void look(int times) {
        for (int i = 0; i < times; ++i) watch.look();
    }
    bool shows(const std::string& line) const {
        return metrics.text().find(line + "\n") != std::string::npos;
    }
};

}  // namespace

TEST_CASE("a worker that stays in one turn is stuck, and a worker that sleeps or makes turns is not") {
    Watched all;
    all.first.turns = 7;
    for (int i = 0; i < 8; ++i) {
        all.second.turns += 2;
        all.watch.look();
    }
    CHECK(all.shows("gatehouse_workers_stuck 1"));
    CHECK(all.first.stuck);
    CHECK_FALSE(all.second.stuck);
    all.look(100);
    CHECK_FALSE(all.watch.all_hang());
    all.first.turns = 8;
    all.watch.look();
    CHECK(all.shows("gatehouse_workers_stuck 0"));
    CHECK_FALSE(all.first.stuck);
}

TEST_CASE("all workers hang after ten seconds in the same turns, until one returns") {
    Watched all;
    all.first.turns = 7;
    all.second.turns = 9;
    all.look(HangWatch::looks_until_hanging);
    CHECK_FALSE(all.watch.all_hang());
    all.look(1);
    CHECK(all.watch.all_hang());
    const Cors cors({});
    const std::function<std::string_view()> ready = [] { return std::string_view(); };
    auto health = [&] {
        return own_page({.method = "GET", .path = "/health"},
                        {all.metrics, cors, ready, !all.watch.all_hang()});
    };
    CHECK(health()->head.status == 503);
    CHECK(health()->body == R"({"status":"all workers hang"})");
    all.second.turns = 10;
    all.look(1);
    CHECK_FALSE(all.watch.all_hang());
    CHECK(health()->head.status == 200);
}

TEST_CASE("a slow call and failures are counted for their instance") {
    Watched all;
    count_plugin_failure("greeter");
    const CallNote note({"sleeper", "Exchange::end"});
    all.look(20);
    CHECK(all.shows("gatehouse_plugin_slow_calls_total{instance=\"sleeper\"} 1"));
    CHECK(all.shows("gatehouse_plugin_failures_total{instance=\"greeter\"} 1"));
}

TEST_CASE("a deadline ends the process unless the end comes before") {
    {
        const ExitDeadline never(core::testing::patience, [] { FAIL("the deadline has not passed"); });
    }
    std::promise<void> ended;
    const ExitDeadline now(std::chrono::milliseconds(0), [&] { ended.set_value(); });
    CHECK(ended.get_future().wait_for(core::testing::patience) == std::future_status::ready);
}
