// SPDX-License-Identifier: Apache-2.0
#include "core/config/route_places.hpp"

#include "core/config/document.hpp"
#include "core/config/parts.hpp"
#include "core/config/substitute.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

class PlaceCollector {
public:
    PlaceCollector(const ConfigFile& file, const std::vector<std::string>& providers)
        : file_(file), providers_(providers) {}

    /// `top`: the table of the instance, whose keys are not names of models.
    void add_table(const toml::table& table, const std::string& path, bool top,
                   const std::vector<Key>& others = {}) {
        for (const auto& [key, node] : in_order(table)) {
            const std::string name(key->str());
            if (std::ranges::count(others, name, &Key::name)) continue;
            const std::string where = path + "." + as_key(name);
            if (const auto* inner = node->as_table()) {
                add_table(*inner, where, false);
            } else if (const auto* list = node->as_array(); list && list->is_array_of_tables()) {
                for (std::size_t i = 0; i < list->size(); ++i)
                    add(where + "[" + std::to_string(i) + "]", "*", *list->get(i), true);
            } else {
                add(where, top ? "*" : name, *node);
            }
        }
    }
    std::vector<RoutePlace> places = {};

private:
    void add(std::string key, std::string model, const toml::node& node, bool is_rule = false) {
        RoutePlace place{.key = std::move(key),
                         .model = std::move(model),
                         .line = node.source().begin.line,
                         .is_rule = is_rule};
        find(node, place.routes);
        if (!place.routes.empty()) places.push_back(std::move(place));
    }

    void find(const toml::node& node, std::vector<std::string>& routes) const {
        if (const auto* text = node.as_string()) {
            const auto value = substitute(file_, text->get());
            if (value && names_route(*value)) routes.push_back(*value);
        } else if (const auto* list = node.as_array()) {
            for (const toml::node& item : *list) find(item, routes);
        } else if (const auto* table = node.as_table()) {
            for (const auto& [key, inner] : in_order(*table)) find(*inner, routes);
        }
    }

    bool names_route(std::string_view text) const {
        const std::size_t slash = text.find('/');
        return slash != text.npos && std::ranges::count(providers_, text.substr(0, slash)) > 0;
    }

    const ConfigFile& file_;
    const std::vector<std::string>& providers_;
};

/// The text that the star of the entry's name stands for; empty without a star.
std::string_view star_of(const RoutePlace& place, std::string_view model) {
    return is_prefix_pattern(place.model) ? model.substr(prefix_of(place.model).size()) : std::string_view();
}

/// Whether a route of `place`, with `star` instead of a star, is `route`.  The star of a rule may stand for
/// any text, because its names are not known here.
bool gives(const RoutePlace& place, std::string_view pattern, std::string_view star, std::string_view route) {
    const std::size_t at = pattern.find('*');
    if (at == pattern.npos) return pattern == route;
    const std::string_view before = pattern.substr(0, at), after = pattern.substr(at + 1);
    if (route.size() < before.size() + after.size() || !route.starts_with(before) || !route.ends_with(after))
        return false;
    return place.is_rule || route.substr(before.size(), route.size() - before.size() - after.size()) == star;
}

bool has_exactly(const RoutePlace& place, std::string_view model, const std::vector<Route>& routes) {
    const std::string_view star = star_of(place, model);
    return routes.size() == place.routes.size() && std::ranges::all_of(routes, [&](const Route& route) {
               const std::string name = route.provider + "/" + route.model;
               return std::ranges::any_of(
                   place.routes, [&](const std::string& one) { return gives(place, one, star, name); });
           });
}

}  // namespace

std::vector<RoutePlace> route_places(const ConfigFile& file, const InstanceConfig& mapper,
                                     const std::vector<std::string>& providers) {
    PlaceCollector all(file, providers);
    all.add_table(table_of(file, mapper), mapper.kind + "." + as_key(mapper.name), true,
                  core_keys(mapper.kind));
    return std::move(all.places);
}

std::vector<RoutePlace> route_places(const ConfigFile& file, const std::vector<InstanceConfig>& instances) {
    std::vector<std::string> providers;
    const InstanceConfig* mapper = nullptr;
    for (const InstanceConfig& one : instances) {
        if (one.kind == "provider") providers.push_back(one.name);
        if (one.kind == "mapper") mapper = &one;
    }
    return mapper ? route_places(file, *mapper, providers) : std::vector<RoutePlace>();
}

const RoutePlace* place_of(const std::vector<RoutePlace>& places, std::string_view model,
                           const std::vector<Route>& routes) {
    const RoutePlace* best = nullptr;
    std::size_t best_rank = 0;
    for (const RoutePlace& place : places) {
        const bool exact = place.model == model;
        if ((!exact && !matches_pattern(place.model, model)) || !has_exactly(place, model, routes)) continue;
        const std::size_t rank = exact ? std::string::npos : place.model.size();
        if (rank <= best_rank) continue;
        best = &place;
        best_rank = rank;
    }
    return best;
}

}  // namespace gatehouse::core
