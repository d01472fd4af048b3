// SPDX-License-Identifier: Apache-2.0
// The API's rules for names of tools and ids of calls: letters, digits, _ and -, at most 64
// (Amazon Bedrock API Reference, ToolSpecification and ToolUseBlock).
#pragma once

#include "plugins/common/upstream/tool_names.hpp"

namespace gatehouse::bedrock {

using upstream::CallIds;
using upstream::ToolNames;

inline constexpr upstream::NameRule tool_name_rule = {.signs = "_-", .longest = 64};
inline constexpr upstream::NameRule call_id_rule = {.signs = "_-", .longest = 64};

}  // namespace gatehouse::bedrock
