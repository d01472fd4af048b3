// SPDX-License-Identifier: Apache-2.0
// How often a provider may be asked again: a share of what it was asked in the last ten
// seconds, and a few besides, so that one that is down does not get three times its load.
// Shared by all workers, without a lock; a count that is lost in a race costs nothing.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace gatehouse::core {

class RetryBudget {
public:
    using Clock = std::chrono::steady_clock;
    struct Limits {
        std::int64_t percent = 20;  // of the requests
        std::int64_t floor = 50;    // besides
    };

    explicit RetryBudget(Limits limits) : limits_(limits) {}

    /// A request comes to the provider for the first time.  [any thread]
    void request(Clock::time_point now);
    /// Whether it may be asked again; if so, that is counted.  [any thread]
    bool take(Clock::time_point now);

private:
    static constexpr std::int64_t seconds = 10;
    struct Second {
        std::atomic<std::int64_t> when{-1};
        std::atomic<std::int64_t> requests{0}, retries{0};
    };
    Second& current(std::int64_t second);

    const Limits limits_;
    std::array<Second, 16> ring_{};  // more than the window, by its second
};

}  // namespace gatehouse::core
