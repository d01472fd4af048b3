// SPDX-License-Identifier: Apache-2.0
#include "plugins/mapper/table/route_template.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::table {

Route Template::fill(std::string_view star) const {
    Route route{provider, before};
    if (has_star) route.model.append(star).append(after);
    return route;
}

std::vector<Route> fill_all(const Templates& templates, std::string_view star) {
    std::vector<Route> filled;
    filled.reserve(templates.size());
    for (const Template& route : templates) filled.push_back(route.fill(star));
    return filled;
}

Template parse_route(const std::string& text, bool star_allowed, const std::string& path) {
    auto wrong = [&](const std::string& what) {
        return KeyError(path, "the route " + toml_quoted(text) + " " + what);
    };
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) throw wrong("has no slash: expected \"provider/model\"");
    if (slash == 0) throw wrong("names no provider before its slash");
    if (slash + 1 == text.size()) throw wrong("names no model after its slash");
    Template route{.provider = text.substr(0, slash), .before = text.substr(slash + 1), .after = {}};
    if (route.provider.find('*') != std::string::npos)
        throw wrong("has a * in its provider; a * is only allowed in the model");
    const std::size_t star = route.before.find('*');
    if (star == std::string::npos) return route;
    if (!star_allowed) throw wrong("has a *, but its name does not");
    route.has_star = true;
    route.after = route.before.substr(star + 1);
    route.before.resize(star);
    if (route.after.find('*') != std::string::npos) throw wrong("has more than one *");
    return route;
}

}  // namespace gatehouse::table
