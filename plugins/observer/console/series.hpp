// SPDX-License-Identifier: Apache-2.0
// Numbers of the last hour in steps of ten seconds, for charts and for the overview.  At most 360 steps.
// Not synchronized: see state.hpp.
#pragma once

#include <gatehouse/observer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace gatehouse::console {

/// Durations in classes, each wider than the last by a factor of 1.41.  The first ends at 16 us, the last
/// has no end.
class Durations {
public:
    static constexpr std::size_t classes = 52;

    void add(std::chrono::microseconds time);
    void add(const Durations& other);
    /// The duration that a share of all does not exceed, exact to 20 %.  Nothing without durations.
    std::optional<std::chrono::microseconds> quantile(double share) const;
    std::uint64_t count() const { return count_; }

private:
    std::array<std::uint32_t, classes> counts_{};
    std::uint64_t count_ = 0;
};

/// The requests that have ended within a step, or within several.
struct Sums {
    std::uint64_t requests = 0, failed = 0, left = 0;
    std::int64_t prompt_tokens = 0, completion_tokens = 0, cost_nano = 0;
    std::string currency = {};  // that of the last cost
    Durations first_output = {}, total = {}, overhead = {};

    void add(const Story& story);
    void add(const Sums& other);
};

class Series {
public:
    using Time = std::chrono::system_clock::time_point;
    static constexpr std::chrono::seconds step{10};
    static constexpr std::size_t most = 360;

    /// `end` is the end of the request.
    void add(const Story& story, Time end);
    /// The sums of the steps that end after `begin`.
    Sums since(Time begin) const;
    /// JSON: columns of the last `minutes` until `now`, a value for each step; a step without requests has 0,
    /// and null for its durations.
    std::string json(int minutes, Time now) const;

private:
    struct Step {
        std::int64_t index = 0;  // since 1970
        Sums sums = {};
    };
    std::deque<Step> steps_;  // in their order; steps without requests are missing
};

}  // namespace gatehouse::console
