// SPDX-License-Identifier: Apache-2.0
// Slows down who guesses: the addresses that have shown wrong credentials of late, and
// how many more they may show before their requests wait.  An IPv6 address stands for
// its /64, which is one customer's.  Bounded.  Shared by all workers.  [any thread]
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::core {

class AuthThrottle {
public:
    using Time = std::chrono::steady_clock::time_point;
    using milliseconds = std::chrono::milliseconds;

    static constexpr milliseconds longest_wait{10'000};

    /// 0: nobody is slowed.
    explicit AuthThrottle(std::int64_t per_minute, std::size_t most_addresses = 10'000)
        : per_minute_(static_cast<double>(per_minute)), most_addresses_(most_addresses) {}

    /// When a request may be looked at.  One that must wait has taken its place in the
    /// line, and says so when it is over.
    struct Turn {
        milliseconds wait{};
        bool refused = false;  // the line is longer than anybody should wait; `wait` says how long
        bool taken = false;
    };
    Turn enter(std::string_view address, Time now);

    void wrong(std::string_view address, const Turn& turn, Time now);
    void right(std::string_view address, const Turn& turn, Time now);

private:
    struct Left {
        double attempts;  // below zero: requests that wait
        Time at;
    };

    Left* find(const std::string& key, Time now);
    void refill(Left& left, Time now) const;
    void make_room(Time now);

    const double per_minute_;
    const std::size_t most_addresses_;
    std::mutex mutex_;
    std::unordered_map<std::string, Left> table_;
};

}  // namespace gatehouse::core
