// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/call_timer.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace gatehouse::core::plugin_check;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

const Effort one_second{.patience = 1s};

/// Uses the processor while it lives.
class Busy {
public:
    ~Busy() {
        stop_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stop_{false};
    std::thread thread_{[this] {
        while (!stop_) {
        }
    }};
};

void wait_until_over(CallTimer& timer) {
    while (!timer.over()) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE("a call that computes ends after its processor time") {
    const Busy busy;
    CallTimer timer(one_second);
    const std::clock_t before = std::clock();
    wait_until_over(timer);
    CHECK(std::clock() - before >= CLOCKS_PER_SEC);
    timer.restart();
    CHECK_FALSE(timer.over());
}

TEST_CASE("a call that is idle ends after three times as long") {
    CallTimer timer(one_second);
    const auto before = Clock::now();
    wait_until_over(timer);
    CHECK(Clock::now() - before >= 3s);
}

TEST_CASE("the thread that waits is not timed") {
    CallTimer timer(one_second);
    const auto before = Clock::now();
    while (!timer.over()) {
    }
    CHECK(Clock::now() - before >= 3s);
}

TEST_CASE("a limit is worded with its processor time and its idle time") {
    CHECK(limit_text(one_second) == "1 s of processor time (3 s if idle)");
    CHECK(limit_text({.patience = 10s, .slow = true}) == "200 s of processor time (600 s if idle)");
}
