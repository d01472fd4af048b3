// SPDX-License-Identifier: Apache-2.0
// A Breaker for each name that has failed lately: the routes of a provider, or the places
// that it asks.  Names that do well have none and cost nothing, so that no client can
// make this grow by names that it makes up.  Shared by all workers.  [any thread]
#pragma once

#include "core/retry/breaker.hpp"

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

class Breakers {
public:
    using Clock = Breaker::Clock;
    static constexpr std::size_t most = 1'000;  // names; what fails beyond is not remembered

    explicit Breakers(Breaker::Limits limits) : limits_(limits) {}

    /// As Breaker's; nothing: it may be asked.  Else the time until then.
    std::optional<Breaker::Milliseconds> admit(std::string_view name, Clock::time_point now);
    bool would_admit(std::string_view name, Clock::time_point now) const;

    Breaker::Change succeeded(std::string_view name, Clock::time_point now);
    Breaker::Change failed(std::string_view name, Clock::time_point now);

    std::size_t open() const;

private:
    bool none() const { return size_.load(std::memory_order_acquire) == 0; }

    const Breaker::Limits limits_;
    std::atomic<std::size_t> size_{0};  // of the map: mostly there is nothing to be locked for
    mutable std::mutex mutex_;
    std::map<std::string, Breaker, std::less<>> all_;
};

}  // namespace gatehouse::core
