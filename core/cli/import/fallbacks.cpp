// SPDX-License-Identifier: Apache-2.0
// get_fallback_model_group() and run_async_fallback() of litellm/router_utils/fallback_event_handlers.py are
// the source of the rules.
#include "core/cli/import/fallbacks.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_followed = 100;  // names behind a model

}  // namespace

/// The name of a fallback is a text, or the member `model` of an object whose other members are lost.
void Fallbacks::read_entry(const std::string& name, const OrderedJson& others,
                           std::vector<std::string>& problems) {
    Names names;
    for (const OrderedJson& other : as_list(others)) {
        const OrderedJson model = other.is_object() ? other.value("model", OrderedJson()) : other;
        if (other.is_object() && other.size() > 1)
            problems.push_back("the fallback of " + toml_quoted(name) + ": its members other than model");
        if (text_of(model).empty())
            problems.push_back("a fallback of " + toml_quoted(name) + ": it is not the name of a model");
        else
            names.push_back(text_of(model));
    }
    if (name == "*")
        lists_[name] = std::move(names);
    else
        lists_.emplace(name, std::move(names));
}

void Fallbacks::read(InputMembers& router, InputMembers& library, std::vector<std::string>& problems) {
    const OrderedJson &of_router = router.take("fallbacks"), &of_library = library.take("fallbacks"),
                      &lists = says_something(of_router) ? of_router : of_library;
    for (const OrderedJson& entry : as_list(lists)) {
        for (const auto& [name, others] : object_in(entry).items()) read_entry(name, others, problems);
        if (entry.is_string()) read_entry("*", entry, problems);
    }
    const OrderedJson &default_of_router = router.take("default_fallbacks"),
                      &default_of_library = library.take("default_fallbacks");
    for (const OrderedJson* one : {&default_of_library, &default_of_router})
        if (says_something(*one)) read_entry("*", *one, problems);
}

void Fallbacks::resolve(Groups& groups, std::vector<std::string>& problems) const {
    for (const auto& [name, others] : lists_) {
        if (name != "*" && groups.serving(name).empty()) {
            problems.push_back("the fallbacks of " + toml_quoted(name) + ": no imported model has this name");
            continue;
        }
        if (name != "*" && !groups.has(name)) groups.set(name, groups.serving(name));
        for (const std::string& other : others)
            if (has_star(other) || groups.serving(other).empty())
                problems.push_back("the fallback of " + toml_quoted(name) + " to " + toml_quoted(other) +
                                   ": no imported model has this name");
    }
}

const Fallbacks::Names& Fallbacks::names_behind(const std::string& name) const {
    static const Names none;
    auto found = lists_.find(name);
    if (found == lists_.end()) found = lists_.find("*");
    return found == lists_.end() ? none : found->second;
}

void Fallbacks::follow(const std::string& name, const Groups& groups, Names& seen, Names& routes) const {
    for (const std::string& other : names_behind(name)) {
        if (has_star(other) || seen.size() > most_followed || std::ranges::count(seen, other)) continue;
        seen.push_back(other);
        for (const Route& route : groups.serving(other))
            if (!std::ranges::count(routes, route.to)) routes.push_back(route.to);
        follow(other, groups, seen, routes);
    }
}

std::vector<std::string> Fallbacks::routes_behind(const Group& group, const Groups& groups) const {
    Names seen = {group.name}, routes;
    for (const Route& route : group.routes) routes.push_back(route.to);
    follow(group.name, groups, seen, routes);
    routes.erase(routes.begin(), routes.begin() + static_cast<std::ptrdiff_t>(group.routes.size()));
    return routes;
}

}  // namespace gatehouse::core
