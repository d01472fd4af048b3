// SPDX-License-Identifier: Apache-2.0
#include "core/instances/admin_resources.hpp"

#include "core/plugin/guard.hpp"
#include "core/util/ascii.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace gatehouse::core {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::array<std::string_view, 5> known_methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};

std::string title(const std::string& kind, const std::string& instance) {
    return "[" + kind + "." + instance + "]";
}

/// The resource as the plugin describes it.
struct Offer {
    AdminResource* resource = nullptr;
    std::string name = {};
    std::vector<AdminMethod> methods = {};
    std::vector<Page> pages = {};
};

}  // namespace

bool is_own_resource(std::string_view name) { return name == "gateway" || name == "session"; }

std::string wrong_resource(const std::string& name, const std::vector<AdminMethod>& methods) {
    if (!is_plain_name(name) || name != lower_case(name) || name.size() > longest_name)
        return "its name has lower-case letters, digits, \"_\" and \"-\", and at most 64 of them";
    if (methods.empty()) return "it needs at least one method";
    std::set<std::string> seen;
    for (const AdminMethod& one : methods) {
        if (!std::ranges::count(known_methods, one.method))
            return "a method is GET, POST, PUT, PATCH or DELETE, not " + toml_quoted(one.method);
        if (!seen.insert(one.method).second) return "it has the method " + one.method + " twice";
        if (!is_plain_name(one.needs))
            return "the right for " + one.method + " is a word such as \"read\" or \"operate\", not " +
                   toml_quoted(one.needs);
    }
    return {};
}

Result<void> add_resource(AdminResources& all, const std::string& kind, const std::string& instance,
                          Plugin& plugin) {
    auto offer = guard({instance, "Plugin::admin"}, [&] {
        Offer made{.resource = plugin.admin()};
        if (!made.resource) return made;
        made.name = made.resource->name();
        made.methods = made.resource->methods();
        if (const auto* source = dynamic_cast<const PageSource*>(made.resource)) made.pages = source->pages();
        return made;
    });
    if (!offer) return Error{ErrorKind::bad_config, offer.error().detail};
    if (!offer->resource) return {};
    const std::string start =
        title(kind, instance) + " offers the admin resource " + toml_quoted(offer->name) + ", ";
    auto wrong = [&](const std::string& how) { return Error{ErrorKind::bad_config, start + how}; };
    if (const std::string how = wrong_resource(offer->name, offer->methods); !how.empty())
        return wrong("which is invalid: " + how);
    if (is_own_resource(offer->name)) return wrong("which is the gateway's own: give it another name");
    const NamedResource made{kind, instance, offer->resource, std::move(offer->methods),
                             std::move(offer->pages)};
    const auto [at, added] = all.emplace(offer->name, made);
    if (!added)
        return wrong("as " + title(at->second.kind, at->second.instance) +
                     " does: give one of them another name");
    return {};
}

}  // namespace gatehouse::core
