// SPDX-License-Identifier: Apache-2.0
#include "core/retry/route_load.hpp"

namespace gatehouse::core {

std::optional<RouteLoad::Time> RouteLoad::first_byte() const {
    const std::int64_t time = first_byte_.load(std::memory_order_relaxed);
    return time < 0 ? std::nullopt : std::optional(Time(time));
}

// Responses of several workers at once may replace each other, which an average tolerates.
void RouteLoad::answered(Time after) {
    const std::int64_t before = first_byte_.load(std::memory_order_relaxed);
    const std::int64_t now = before < 0 ? after.count() : before + (after.count() - before) / 5;
    first_byte_.store(now, std::memory_order_relaxed);
}

// A map full of models that no request uses makes room for others.
std::shared_ptr<RouteLoad> RouteLoads::use(std::string_view model) {
    const std::lock_guard lock(mutex_);
    if (const auto found = all_.find(model); found != all_.end()) return found->second;
    if (all_.size() >= most) std::erase_if(all_, [](const auto& entry) { return !entry.second->running(); });
    if (all_.size() >= most) return nullptr;
    return all_.emplace(model, std::make_shared<RouteLoad>()).first->second;
}

std::shared_ptr<const RouteLoad> RouteLoads::find(std::string_view model) const {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(model);
    return found == all_.end() ? nullptr : found->second;
}

}  // namespace gatehouse::core
