// SPDX-License-Identifier: Apache-2.0
// A library behind the C door: loaded, its door checked and copied, its description
// read.  Never unloaded, as no plugin is.  [main thread]
#pragma once

#include "plugins/provider/c_bridge/description.hpp"

#include <gatehouse/c.h>

#include <string>

namespace gatehouse::c_bridge {

struct Library {
    /// Functions that the library is too old to know are null.
    gatehouse_c_door door;
    Description description;
};

/// A relative path counts from the working directory.  Throws KeyError at `library`.
Library load(const std::string& path);

/// The same of a door that is there already.  Throws Mistake, a phrase for behind the
/// library's name.
Library enter(const gatehouse_c_door& door, std::size_t bytes);

}  // namespace gatehouse::c_bridge
