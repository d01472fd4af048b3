// SPDX-License-Identifier: Apache-2.0
// The routes to which conversations have moved after a failure.  Bounded: the conversations that
// have not been seen for the longest time are forgotten first.  [any thread]
#pragma once

#include "plugins/common/recent/recent.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace gatehouse::table {

/// A hash that is the same in every process, so that replicas choose the same route.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);

class Conversations {
public:
    using Time = std::chrono::system_clock::time_point;
    static constexpr std::size_t most = 100'000;

    explicit Conversations(std::chrono::minutes lifetime) : lifetime_(lifetime) {}

    void remember(std::uint64_t conversation, std::uint64_t route, Time now);
    /// The hash of the route; nothing if the conversation has not moved, or was not seen for the
    /// lifetime.
    std::optional<std::uint64_t> find(std::uint64_t conversation, Time now);

private:
    struct Place {
        std::uint64_t route = 0;
        Time seen = {};
    };

    const std::chrono::minutes lifetime_;
    std::mutex mutex_;  // guards the members below
    common::Recent<std::uint64_t, Place> places_{most};
};

}  // namespace gatehouse::table
