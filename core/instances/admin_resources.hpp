// SPDX-License-Identifier: Apache-2.0
// The admin resources that the instances of a configuration offer, by name.
// Made at start or reload; then read-only: [any thread].
#pragma once

#include <gatehouse/admin.hpp>
#include <gatehouse/pages.hpp>
#include <gatehouse/plugin.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct NamedResource {
    std::string kind, instance;  // "hook", "spend" in [hook.spend]
    AdminResource* resource;
    std::vector<AdminMethod> methods;
    std::vector<Page> pages = {};  // empty: it has none
};

using AdminResources = std::map<std::string, NamedResource, std::less<>>;

/// Whether the core itself has a resource of this name.
bool is_own_resource(std::string_view name);

/// The mistake in the name or the methods of a resource; empty if they are valid.
std::string wrong_resource(const std::string& name, const std::vector<AdminMethod>& methods);

/// Adds the resource of an instance, if it offers one.  The error is a message for the operator.
/// [main thread]
Result<void> add_resource(AdminResources& all, const std::string& kind, const std::string& instance,
                          Plugin& plugin);

}  // namespace gatehouse::core
