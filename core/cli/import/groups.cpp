// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/groups.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <cmath>

namespace gatehouse::core {

namespace {

constexpr double largest_share = 1'000'000;

void add_up(std::optional<double>& sum, std::optional<double> more) {
    if (more) sum = sum.value_or(0) + *more;
}

}  // namespace

Group& Groups::group(const std::string& name) {
    const auto found = std::ranges::find(groups_, name, &Group::name);
    return found == groups_.end() ? groups_.emplace_back(Group{.name = name}) : *found;
}

void Groups::add(const std::string& name, const Route& route) {
    std::vector<Route>& routes = group(name).routes;
    const auto same = std::ranges::find(routes, route.to, &Route::to);
    if (same == routes.end()) return routes.push_back(route);
    same->deployments += route.deployments;
    add_up(same->weight, route.weight);
    add_up(same->rpm, route.rpm);
    add_up(same->tpm, route.tpm);
}

void Groups::set(const std::string& name, std::vector<Route> routes) {
    group(name).routes = std::move(routes);
}

bool Groups::has(const std::string& name) const {
    return std::ranges::find(groups_, name, &Group::name) != groups_.end();
}

std::vector<Route> Groups::serving(const std::string& name) const {
    const Group* best = nullptr;
    for (const Group& one : groups_) {
        if (one.name == name) return one.routes;
        if (!is_prefix_pattern(one.name) || !matches_pattern(one.name, name)) continue;
        if (best == nullptr || one.name.size() > best->name.size()) best = &one;
    }
    if (best == nullptr) return {};
    std::vector<Route> routes = best->routes;
    const std::string rest = name.substr(best->name.size() - 1);
    for (Route& route : routes)
        if (const auto star = route.to.find('*'); star != std::string::npos) route.to.replace(star, 1, rest);
    return routes;
}

std::vector<std::int64_t> shares(const std::vector<Route>& routes) {
    std::optional<double> Route::*unit = nullptr;
    for (const auto one : {&Route::tpm, &Route::rpm, &Route::weight})
        if (!routes.empty() && routes.front().*one) unit = one;
    std::vector<double> numbers;
    for (const Route& route : routes)
        numbers.push_back(unit == nullptr ? route.deployments : std::max((route.*unit).value_or(0), 0.0));
    const double largest = numbers.empty() ? 0 : std::ranges::max(numbers);
    const bool whole = std::ranges::all_of(numbers, [](double one) { return one == std::floor(one); });
    const double factor = std::min(whole ? 1.0 : 1000.0, largest_share / std::max(largest, 1.0));
    std::vector<std::int64_t> result;
    for (const double one : numbers)
        result.push_back(largest > 0 ? static_cast<std::int64_t>(std::ceil(one * factor)) : 1);
    return result;
}

}  // namespace gatehouse::core
