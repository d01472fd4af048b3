// SPDX-License-Identifier: Apache-2.0
// The names that follow a name whose deployments fail, as LiteLLM's router finds them.  [main thread]
#pragma once

#include "core/cli/import/groups.hpp"
#include "core/cli/import/members.hpp"

#include <map>
#include <string>
#include <vector>

namespace gatehouse::core {

/// The first list of a name counts.  A name without a list has the last list of "*", or the default one.  The
/// fallbacks of a fallback follow it.
class Fallbacks {
public:
    /// Reads `fallbacks` and `default_fallbacks` of the router's settings, or else of the library's.
    void read(InputMembers& router, InputMembers& library, std::vector<std::string>& problems);

    /// Adds the names that only a star serves, and reports names that no model serves.
    void resolve(Groups& groups, std::vector<std::string>& problems) const;

    /// The routes that follow those of the group, in order.
    std::vector<std::string> routes_behind(const Group& group, const Groups& groups) const;

private:
    using Names = std::vector<std::string>;
    void read_entry(const std::string& name, const OrderedJson& others, std::vector<std::string>& problems);
    const Names& names_behind(const std::string& name) const;
    void follow(const std::string& name, const Groups& groups, Names& seen, Names& routes) const;

    std::map<std::string, Names> lists_;  // "*": of the names without a list
};

}  // namespace gatehouse::core
