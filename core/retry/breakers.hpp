// SPDX-License-Identifier: Apache-2.0
// The Breaker of each name that has failed lately.  A name is a route or an endpoint of one
// provider.  Names without failures have no Breaker, so clients cannot make the map grow with
// invented model names.  Owned by ProviderHealth; shared by all workers.  [any thread]
#pragma once

#include "core/retry/breaker.hpp"

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class Breakers {
public:
    using Clock = Breaker::Clock;
    static constexpr std::size_t most = 1'000;  // names; failures of further names are not recorded

    explicit Breakers(Breaker::Limits limits) : limits_(limits) {}

    /// As Breaker::admit().  Returns nullopt if a request may be sent, or the time until then.
    std::optional<Breaker::Milliseconds> admit(std::string_view name, Clock::time_point now);
    bool would_admit(std::string_view name, Clock::time_point now) const;

    Breaker::Change succeeded(std::string_view name, Clock::time_point now);
    Breaker::Change failed(std::string_view name, Clock::time_point now);

    std::size_t open() const;

    struct Shown {
        std::string name;
        bool open;                    // false: it has failed lately
        Breaker::Milliseconds trial;  // until the next trial request; 0: now
    };
    /// The names that have failed lately.
    std::vector<Shown> shown(Clock::time_point now) const;

private:
    bool none() const { return size_.load(std::memory_order_acquire) == 0; }

    const Breaker::Limits limits_;
    std::atomic<std::size_t> size_{0};  // size of the map; 0 avoids the lock
    mutable std::mutex mutex_;
    std::map<std::string, Breaker, std::less<>> all_;
};

}  // namespace gatehouse::core
