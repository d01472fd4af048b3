// SPDX-License-Identifier: Apache-2.0
// Limits the retries at one provider: a percentage of its requests in the last ten seconds,
// plus a minimum.  Retries must not multiply the load of a provider that is down.  Owned by
// ProviderHealth; shared by all workers without a lock.  A race may lose a count, which is
// harmless.
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
        std::int64_t percent = 20;  // percentage of the requests
        std::int64_t floor = 50;    // in addition
    };

    explicit RetryBudget(Limits limits) : limits_(limits) {}

    /// Counts the first attempt of a request.  [any thread]
    void request(Clock::time_point now);
    /// Whether a retry is allowed; if so, counts it.  [any thread]
    bool take(Clock::time_point now);

private:
    static constexpr std::int64_t seconds = 10;
    struct Second {
        std::atomic<std::int64_t> when{-1};
        std::atomic<std::int64_t> requests{0}, retries{0};
    };
    Second& current(std::int64_t second);

    const Limits limits_;
    std::array<Second, 16> ring_{};  // by second; longer than the window
};

}  // namespace gatehouse::core
