// SPDX-License-Identifier: Apache-2.0
// Loads a library with the C interface, checks and copies its entry point, and reads its
// description.  Libraries, like plugins, are never unloaded.  [main thread]
#pragma once

#include "plugins/provider/c_bridge/description.hpp"

#include <gatehouse/c.h>

#include <string>

namespace gatehouse::c_bridge {

struct Library {
    /// Functions of later versions than the library's are null.
    gatehouse_c_door entry;
    Description description;
};

/// A relative path is resolved in the working directory.  Throws KeyError at `library`.
Library load(const std::string& path);

/// The same for a loaded entry point.  Throws Mistake, whose text follows the library's name.
Library enter(const gatehouse_c_door& entry, std::size_t bytes);

}  // namespace gatehouse::c_bridge
