// SPDX-License-Identifier: Apache-2.0
// Plain values.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// The destinations of requests, as far as they are known at the start.
struct KnownRoutes {
    std::vector<std::string> routes = {};                   // "provider/model"
    std::vector<std::string> models = {};                   // the clients' names
    std::function<bool(std::string_view)> maps_model = {};  // whether a request for it has a route
};

}  // namespace gatehouse::core
