// SPDX-License-Identifier: Apache-2.0
// The limiter of the configuration and its name.  Owned by PluginInstances.
#pragma once

#include <gatehouse/limiter.hpp>

#include <string>

namespace gatehouse::core {

struct StoreInstance;

struct NamedLimiter {
    std::string name = {};
    Limiter* limiter = nullptr;            // null: the configuration has none
    const StoreInstance* store = nullptr;  // null: the limiter has none
};

}  // namespace gatehouse::core
