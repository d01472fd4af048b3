// SPDX-License-Identifier: Apache-2.0
// The entries of a mapper's table that name routes, with their lines, whatever keys its plugin has.  They
// tell which entry a mapper's result comes from.  Made at start, then read only: [any thread].
#pragma once

#include "core/config/instances.hpp"

#include <gatehouse/route_query.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct RoutePlace {
    std::string key = {};                  // "mapper.models.models.fast", "mapper.models.rules[0]"
    std::string model = {};                // the name or the pattern of the entry; "*": any name
    std::vector<std::string> routes = {};  // "provider/model", may have a star
    std::uint32_t line = 0;
    bool is_rule = false;  // an element of a list of tables, whose names of models are not known
};

/// The entries of `mapper`, an instance of `file`, in the order of the file.  A text names a route if it
/// begins with one of `providers` and a slash.  [main thread]
std::vector<RoutePlace> route_places(const ConfigFile& file, const InstanceConfig& mapper,
                                     const std::vector<std::string>& providers);

/// Those of the mapper and the providers among `instances`.
std::vector<RoutePlace> route_places(const ConfigFile& file, const std::vector<InstanceConfig>& instances);

/// The entry with all of `routes` and no other route, whose name fits `model` best.  Null: no entry has them,
/// for example because the mapper has computed them.
const RoutePlace* place_of(const std::vector<RoutePlace>& places, std::string_view model,
                           const std::vector<Route>& routes);

}  // namespace gatehouse::core
