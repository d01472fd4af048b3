// SPDX-License-Identifier: Apache-2.0
// The timeouts of a route.  Each is declared once: its member with the default, and its key with
// the sentence.  [upstream] gives a value to each.  A provider, a model and a request override some.
// Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>

namespace gatehouse::core {

/// `T` is std::chrono::milliseconds, or a std::optional of it at a level that may omit a timeout.
template <typename T>
struct BasicRouteTimeouts {
    using Time = T;

    T connect = usual(5'000);
    T first_byte = usual(100'000);  // streaming; all attempts together
    T response = usual(600'000);    // non-streaming, complete; in a transfer, any complete response
    T stream = usual(3'600'000);    // streaming, complete
    T idle = usual(60'000);

private:
    static constexpr T usual([[maybe_unused]] std::int64_t default_ms) {
        if constexpr (std::is_same_v<T, std::chrono::milliseconds>)
            return T(default_ms);
        else
            return std::nullopt;
    }
};

using RouteTimeouts = BasicRouteTimeouts<std::chrono::milliseconds>;
using RouteTimeoutOverrides = BasicRouteTimeouts<std::optional<std::chrono::milliseconds>>;

inline constexpr std::int64_t longest_timeout_ms = 86'400'000;

/// A key of [upstream], of [provider.NAME] and of its per_model, from 1 to longest_timeout_ms.
template <typename Timeouts>
struct RouteTimeoutKey {
    const char* name;
    typename Timeouts::Time Timeouts::*member;
    const char* doc;
};

template <typename Timeouts>
inline constexpr RouteTimeoutKey<Timeouts> route_timeout_keys[] = {
    {"connect_timeout_ms", &Timeouts::connect,
     "Maximum time to connect to an upstream, TLS handshake included, in milliseconds. A slower attempt "
     "fails and may be retried."},
    {"first_byte_timeout_ms", &Timeouts::first_byte,
     "Maximum time until a streaming response begins, all attempts together, in milliseconds. A "
     "slower request fails with 504. If providers or models override it, each route has its own limit "
     "from its first attempt, after which the next route follows; the longest limits all attempts."},
    {"response_timeout_ms", &Timeouts::response,
     "Maximum time until a non-streaming response is complete, all attempts together, in "
     "milliseconds. A slower request fails with 504. If providers or models override it, each route "
     "has its own limit from its first attempt, after which the next route follows; the longest "
     "limits all attempts."},
    {"stream_timeout_ms", &Timeouts::stream,
     "Maximum time until a streaming response is complete, in milliseconds. A longer stream ends with an "
     "error."},
    {"idle_timeout_ms", &Timeouts::idle,
     "Maximum silence of an upstream after the first byte of its response, in milliseconds. Time in which a "
     "slow client pauses reading does not count. Then the attempt fails; it may be retried if the client "
     "has received no byte."},
};

static_assert(sizeof(RouteTimeouts) ==
                  std::size(route_timeout_keys<RouteTimeouts>) * sizeof(std::chrono::milliseconds),
              "each timeout has a key");

/// `timeouts` with those values that `overrides` has.
inline RouteTimeouts overridden(RouteTimeouts timeouts, const RouteTimeoutOverrides& overrides) {
    constexpr auto& keys = route_timeout_keys<RouteTimeouts>;
    constexpr auto& optional_keys = route_timeout_keys<RouteTimeoutOverrides>;
    for (std::size_t i = 0; i < std::size(keys); ++i)
        if (const auto& time = overrides.*optional_keys[i].member) timeouts.*keys[i].member = *time;
    return timeouts;
}

}  // namespace gatehouse::core
