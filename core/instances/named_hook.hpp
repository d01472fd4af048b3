// SPDX-License-Identifier: Apache-2.0
// A hook instance of the configuration and its name.  Owned by PluginInstances.
#pragma once

#include <gatehouse/hook.hpp>

#include <string>

namespace gatehouse::core {

struct NamedHook {
    std::string name;
    Hook* hook;
};

}  // namespace gatehouse::core
