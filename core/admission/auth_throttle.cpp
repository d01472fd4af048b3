// SPDX-License-Identifier: Apache-2.0
#include "core/admission/auth_throttle.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);  // ::ffff:192.0.2.7

/// The key under which an address is counted.
std::string key_of(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));
    char bytes[16];
    if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return {bytes, 4};
    if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return text;
    const std::string_view whole(bytes, sizeof bytes);
    return std::string(whole.starts_with(mapped) ? whole.substr(12) : whole.substr(0, 8));
}

}  // namespace

AuthThrottle::Turn AuthThrottle::enter(std::string_view address, Time now) {
    if (per_minute_ <= 0) return {};
    const std::string key = key_of(address);
    const std::lock_guard lock(mutex_);
    Left* left = find(key, now);
    if (!left || left->attempts >= 1) return {};
    const double minutes = (1 - left->attempts) / per_minute_;
    const auto wait = std::chrono::ceil<milliseconds>(std::chrono::duration<double, std::ratio<60>>(minutes));
    if (wait > longest_wait) return {.wait = wait, .refused = true};
    left->attempts -= 1;
    return {.wait = wait, .taken = true};
}

void AuthThrottle::wrong(std::string_view address, const Turn& turn, Time now) {
    if (per_minute_ <= 0 || turn.taken) return;
    const std::string key = key_of(address);
    const std::lock_guard lock(mutex_);
    Left* left = find(key, now);
    if (!left) {
        make_room(now);
        left = &table_.emplace(key, Left{per_minute_, now}).first->second;
    }
    left->attempts -= 1;
}

void AuthThrottle::right(std::string_view address, const Turn& turn, Time now) {
    if (!turn.taken) return;
    const std::string key = key_of(address);
    const std::lock_guard lock(mutex_);
    if (Left* left = find(key, now)) left->attempts += 1;
}

AuthThrottle::Left* AuthThrottle::find(const std::string& key, Time now) {
    const auto found = table_.find(key);
    if (found == table_.end()) return nullptr;
    refill(found->second, now);
    return &found->second;
}

void AuthThrottle::refill(Left& left, Time now) const {
    const std::chrono::duration<double, std::ratio<60>> passed = now - left.at;
    left.attempts = std::min(per_minute_, left.attempts + std::max(0.0, passed.count()) * per_minute_);
    left.at = std::max(left.at, now);
}

// Evicts the addresses without a failure for a minute, or else those closest to that.
void AuthThrottle::make_room(Time now) {
    if (table_.size() < most_addresses_) return;
    for (auto& [key, left] : table_) refill(left, now);
    std::erase_if(table_, [&](const auto& entry) { return entry.second.attempts >= per_minute_; });
    // Evicts a tenth at once, so that a flood of addresses does not scan the table for each.
    while (table_.size() > most_addresses_ - most_addresses_ / 10 - 1) {
        double best = 0;
        for (const auto& [key, left] : table_) best = std::max(best, left.attempts);
        const std::size_t before = table_.size();
        std::erase_if(table_, [&](const auto& entry) { return entry.second.attempts >= best; });
        if (table_.size() == before) table_.erase(table_.begin());
    }
}

}  // namespace gatehouse::core
