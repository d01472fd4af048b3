// SPDX-License-Identifier: Apache-2.0
#include "core/retry/breaker.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

bool Breaker::admit(Clock::time_point now, const Limits& limits) {
    if (!open_) return true;
    if (now < next_trial_) return false;
    trying_ = true;
    next_trial_ = now + std::max(limits.open_interval, Milliseconds(1'000));
    return true;
}

Breaker::Milliseconds Breaker::wait(Clock::time_point now) const {
    return std::chrono::ceil<Milliseconds>(next_trial_ - now);
}

Breaker::Change Breaker::succeeded(Clock::time_point now) {
    if (open_) {
        *this = Breaker();
        return Change::closed;
    }
    turn(now);
    ++recent_.succeeded;
    return Change::none;
}

Breaker::Change Breaker::failed(Clock::time_point now, const Limits& limits) {
    if (limits.failures == 0) return Change::none;
    if (open_) {
        // Results of requests that were sent before the breaker opened do not count.
        if (std::exchange(trying_, false)) start_open_interval(now, limits);
        return Change::none;
    }
    turn(now);
    ++recent_.failed;
    const std::int64_t failures = recent_.failed + before_.failed;
    if (failures < limits.failures || failures < recent_.succeeded + before_.succeeded) return Change::none;
    open_ = true;
    start_open_interval(now, limits);
    return Change::opened;
}

bool Breaker::forgettable(Clock::time_point now) const { return !open_ && now - half_began_ >= window; }

void Breaker::turn(Clock::time_point now) {
    constexpr Milliseconds half = window / 2;
    if (now - half_began_ < half) return;
    before_ = now - half_began_ < window ? recent_ : Half();
    recent_ = Half();
    half_began_ = now;
}

void Breaker::start_open_interval(Clock::time_point now, const Limits& limits) {
    const auto longest = std::max(longest_open_interval, limits.open_interval);
    next_trial_ = now + std::min(limits.open_interval * (1 << std::min(open_intervals_, 10)), longest);
    ++open_intervals_;
}

}  // namespace gatehouse::core
