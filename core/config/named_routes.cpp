// SPDX-License-Identifier: Apache-2.0
#include "core/config/named_routes.hpp"

#include "core/config/document.hpp"
#include "core/config/parts.hpp"
#include "core/config/substitute.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <set>

namespace gatehouse::core {

namespace {

bool names(std::string_view text, std::string_view provider) {
    return text.starts_with(provider) && (text.size() == provider.size() || text[provider.size()] == '/');
}

void collect(const ConfigFile& file, const toml::node& node, std::string_view provider,
             std::vector<SourceLocation>& out) {
    if (const auto* text = node.as_string()) {
        const auto value = substitute(file, text->get());
        if (value && names(*value, provider))
            out.push_back(place_of(node.source(), SourceLocation::Show::always));
    } else if (const auto* list = node.as_array()) {
        for (const toml::node& item : *list) collect(file, item, provider, out);
    } else if (const auto* table = node.as_table()) {
        for (const auto& [key, inner] : in_order(*table)) collect(file, *inner, provider, out);
    }
}

class RepeatedRoutes {
public:
    RepeatedRoutes(const ConfigFile& file, const std::vector<std::string>& providers, Mistakes& mistakes)
        : file_(file), providers_(providers), mistakes_(mistakes) {}

    void check(const toml::node& node) {
        if (const auto* table = node.as_table()) {
            for (const auto& [key, inner] : in_order(*table)) check(*inner);
        } else if (const auto* list = node.as_array()) {
            std::set<std::string> seen;
            for (const toml::node& item : *list) {
                look(item, seen);
                check(item);
            }
        }
    }

private:
    /// `item`: a route, or a table with a route, such as { to = "main/a", weight = 3 }.
    void look(const toml::node& item, std::set<std::string>& seen) {
        if (const auto* table = item.as_table())
            for (const auto& [key, inner] : in_order(*table))
                if (inner->is_string()) look(*inner, seen);
        const auto* text = item.as_string();
        const auto route = text ? substitute(file_, text->get()) : std::string();
        if (!route || !is_route(*route) || seen.insert(*route).second) return;
        mistakes_.warn(
            file_.error(place_of(item.source(), SourceLocation::Show::always),
                        "the list has the route " + toml_quoted(*route) +
                            " twice: remove one; [upstream] attempts sets the number of attempts"));
    }

    bool is_route(std::string_view text) const {
        return text.find('/') != text.npos &&
               std::ranges::any_of(providers_, [&](const std::string& one) { return names(text, one); });
    }

    const ConfigFile& file_;
    const std::vector<std::string>& providers_;
    Mistakes& mistakes_;
};

/// Calls `visit` with each value of the table that belongs to the plugin.
template <typename Visit>
void each_own_value(const ConfigFile& file, const InstanceConfig& mapper, const Visit& visit) {
    for (const auto& [key, node] : in_order(table_of(file, mapper)))
        if (!std::ranges::count(core_keys(mapper.kind), key->str(), &Key::name)) visit(*node);
}

}  // namespace

std::vector<SourceLocation> places_naming(const ConfigFile& file, const InstanceConfig& mapper,
                                          std::string_view provider) {
    std::vector<SourceLocation> places;
    each_own_value(file, mapper, [&](const toml::node& node) { collect(file, node, provider, places); });
    return places;
}

void check_repeated_routes(const ConfigFile& file, const InstanceConfig& mapper,
                           const std::vector<std::string>& providers, Mistakes& mistakes) {
    RepeatedRoutes repeated(file, providers, mistakes);
    each_own_value(file, mapper, [&](const toml::node& node) { repeated.check(node); });
}

}  // namespace gatehouse::core
