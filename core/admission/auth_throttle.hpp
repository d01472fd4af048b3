// SPDX-License-Identifier: Apache-2.0
// Delays requests from client addresses with too many failed authentications, to slow
// down the guessing of credentials.  All IPv6 addresses of a /64 count as one, because a
// /64 belongs to one customer.  The number of addresses is bounded.  Owned by Gateway and
// its ConfigSnapshots; shared by all workers.  [any thread]
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

    /// 0 disables the throttle.
    explicit AuthThrottle(std::int64_t per_minute, std::size_t most_addresses = 10'000)
        : per_minute_(static_cast<double>(per_minute)), most_addresses_(most_addresses) {}

    /// The delay of a request.  A delayed request has taken a slot in the queue of its address,
    /// and passes its Turn back to wrong() or right() when it ends.
    struct Turn {
        milliseconds wait{};
        bool refused = false;  // the delay would exceed longest_wait; `wait` is that delay
        bool taken = false;
    };
    Turn enter(std::string_view address, Time now);

    void wrong(std::string_view address, const Turn& turn, Time now);
    void right(std::string_view address, const Turn& turn, Time now);

private:
    struct Left {
        double attempts;  // below zero: the number of waiting requests
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
