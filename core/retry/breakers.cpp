// SPDX-License-Identifier: Apache-2.0
#include "core/retry/breakers.hpp"

#include <algorithm>

namespace gatehouse::core {

std::optional<Breaker::Milliseconds> Breakers::admit(std::string_view name, Clock::time_point now) {
    if (none()) return std::nullopt;
    std::lock_guard lock(mutex_);
    const auto found = all_.find(name);
    if (found == all_.end() || found->second.admit(now, limits_)) return std::nullopt;
    return found->second.wait(now);
}

bool Breakers::would_admit(std::string_view name, Clock::time_point now) const {
    if (none()) return true;
    std::lock_guard lock(mutex_);
    const auto found = all_.find(name);
    return found == all_.end() || found->second.would_admit(now);
}

Breaker::Change Breakers::succeeded(std::string_view name, Clock::time_point now) {
    if (none()) return Breaker::Change::none;
    std::lock_guard lock(mutex_);
    const auto found = all_.find(name);
    if (found == all_.end()) return Breaker::Change::none;
    const Breaker::Change change = found->second.succeeded(now);
    if (change != Breaker::Change::closed) return change;
    all_.erase(found);
    size_.store(all_.size(), std::memory_order_release);
    return change;
}

Breaker::Change Breakers::failed(std::string_view name, Clock::time_point now) {
    if (limits_.failures == 0) return Breaker::Change::none;
    std::lock_guard lock(mutex_);
    auto found = all_.find(name);
    if (found == all_.end()) {
        if (all_.size() >= most)
            std::erase_if(all_, [&](const auto& entry) { return entry.second.forgettable(now); });
        if (all_.size() >= most) return Breaker::Change::none;
        found = all_.emplace(name, Breaker()).first;
        size_.store(all_.size(), std::memory_order_release);
    }
    return found->second.failed(now, limits_);
}

std::size_t Breakers::open() const {
    std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(all_, [](const auto& entry) { return entry.second.open(); }));
}

std::vector<Breakers::Shown> Breakers::shown(Clock::time_point now) const {
    std::vector<Shown> all;
    if (none()) return all;
    std::lock_guard lock(mutex_);
    for (const auto& [name, breaker] : all_)
        if (!breaker.forgettable(now))
            all.push_back({name, breaker.open(),
                           breaker.would_admit(now) ? Breaker::Milliseconds(0) : breaker.wait(now)});
    return all;
}

}  // namespace gatehouse::core
