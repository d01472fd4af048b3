// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/traffic_class.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::size_t most_kept_bytes = 4'096;

bool is_same(const Route& a, const Route& b) { return a.provider == b.provider && a.model == b.model; }

}  // namespace

TrafficClass::TrafficClass(const LimitRequest& request, const Rules& rules, const Prices& all_prices,
                           Seconds now, ModelNames* names)
    : authenticator(request.authenticator),
      who_name(request.who.name),
      who_id(request.who.id),
      model(request.model),
      groups(request.who.groups),
      routes(request.routes),
      counted(rules.charges(request, now, names)),
      until(std::numeric_limits<Seconds>::max()) {
    prices.reserve(routes.size());
    for (const Route& route : routes) prices.push_back(all_prices.find(route));
    for (const Charge& charge : counted.all) {
        if (charge.rule->windows) until = std::min(until, charge.name->window.end);
        counts_running = counts_running || charge.rule->unit == Unit::running;
    }
}

std::size_t TrafficClass::hash_of(const LimitRequest& request) {
    std::size_t hash = 0;
    const auto add = [&](std::string_view text) {
        hash = (hash ^ std::hash<std::string_view>()(text)) * 0x9E37'79B9'7F4A'7C15u;
    };
    add(request.authenticator);
    add(request.who.name);
    add(request.who.id);
    add(request.model);
    for (const std::string& group : request.who.groups) add(group);
    for (const Route& route : request.routes) add(route.provider), add(route.model);
    return hash ^ hash >> 32;
}

bool TrafficClass::contains(const LimitRequest& request) const {
    return request.authenticator == authenticator && request.who.name == who_name &&
           request.who.id == who_id && request.model == model && request.who.groups == groups &&
           std::ranges::equal(request.routes, routes, is_same);
}

bool TrafficClass::can_be_kept() const {
    std::size_t bytes = authenticator.size() + who_name.size() + who_id.size() + model.size();
    for (const std::string& group : groups) bytes += sizeof group + group.size();
    for (const Route& route : routes) bytes += sizeof route + route.provider.size() + route.model.size();
    for (const auto& name : counted.names)
        bytes += sizeof(CounterName) + name->key.id.size() + name->shown.size() + name->route.size();
    return bytes <= most_kept_bytes && !counted.has_others;
}

std::shared_ptr<const TrafficClass> TrafficClasses::find(const LimitRequest& request, Seconds now,
                                                         ModelNames* names) {
    Seconds latest = latest_.load(std::memory_order_relaxed);
    while (now > latest && !latest_.compare_exchange_weak(latest, now, std::memory_order_relaxed)) {
    }
    const std::size_t place = TrafficClass::hash_of(request) % places;
    {
        const std::lock_guard lock(mutexes_[place % locks]);
        const auto& kept = kept_[place];
        if (kept && kept->until > std::max(now, latest) && kept->contains(request)) return kept;
    }
    auto made = std::make_shared<const TrafficClass>(request, rules_, prices_, now, names);
    if (made->can_be_kept()) {
        std::shared_ptr<const TrafficClass> replaced = made;
        const std::lock_guard lock(mutexes_[place % locks]);
        kept_[place].swap(replaced);
    }
    return made;
}

}  // namespace gatehouse::quota
