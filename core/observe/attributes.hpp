// SPDX-License-Identifier: Apache-2.0
// The attributes of clients that [log] and [metrics] choose.  [any thread]
#pragma once

#include <gatehouse/auth.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The values of an attribute, separated by commas; empty if the client has none.  Without such an
/// attribute, "id" is the identity's id, and "groups" are its groups.
std::string attribute_text(const Identity& who, std::string_view name);

}  // namespace gatehouse::core
