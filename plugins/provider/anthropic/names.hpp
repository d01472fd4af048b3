// SPDX-License-Identifier: Apache-2.0
// The API's rules for names of tools and ids of calls: letters, digits, _ and - only.
#pragma once

#include "plugins/common/upstream/tool_names.hpp"

namespace gatehouse::anthropic {

using upstream::CallIds;
using upstream::ToolNames;

inline constexpr upstream::NameRule tool_name_rule = {.signs = "_-", .longest = 128};
inline constexpr upstream::NameRule call_id_rule = {.signs = "_-", .longest = 256};

}  // namespace gatehouse::anthropic
