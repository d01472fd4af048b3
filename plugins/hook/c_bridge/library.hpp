// SPDX-License-Identifier: Apache-2.0
// The entry point of a library with the C interface for hooks.  [main thread]
#pragma once

#include "plugins/common/c_door/described.hpp"

#include <gatehouse/c_hook.h>

#include <string>

namespace gatehouse::c_hook {

struct Library {
    /// Functions of later headers than the library's are null.
    gatehouse_c_hook_door entry;
    c_bridge::Described description;
};

/// A relative path is resolved in the working directory.  Throws KeyError at `library`.
Library load(const std::string& path);

/// The same for a loaded entry point.  Throws Mistake, whose text follows the library's name.
Library enter(const gatehouse_c_hook_door& entry, std::size_t bytes);

}  // namespace gatehouse::c_hook
