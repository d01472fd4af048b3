// SPDX-License-Identifier: Apache-2.0
#include "core/retry/retry_budget.hpp"

namespace gatehouse::core {

namespace {

std::int64_t second_of(RetryBudget::Clock::time_point now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

RetryBudget::Second& RetryBudget::current(std::int64_t second) {
    Second& place = ring_[static_cast<std::size_t>(second) % ring_.size()];
    std::int64_t when = place.when.load(std::memory_order_acquire);
    if (when != second && place.when.compare_exchange_strong(when, second)) {
        place.requests.store(0, std::memory_order_relaxed);
        place.retries.store(0, std::memory_order_relaxed);
    }
    return place;
}

void RetryBudget::request(Clock::time_point now) {
    current(second_of(now)).requests.fetch_add(1, std::memory_order_relaxed);
}

bool RetryBudget::take(Clock::time_point now) {
    const std::int64_t second = second_of(now);
    Second& here = current(second);
    std::int64_t requests = 0, retries = 0;
    for (const Second& place : ring_) {
        const std::int64_t when = place.when.load(std::memory_order_acquire);
        if (when <= second - seconds || when > second) continue;
        requests += place.requests.load(std::memory_order_relaxed);
        retries += place.retries.load(std::memory_order_relaxed);
    }
    if (retries >= limits_.floor + requests * limits_.percent / 100) return false;
    here.retries.fetch_add(1, std::memory_order_relaxed);
    return true;
}

}  // namespace gatehouse::core
