// SPDX-License-Identifier: Apache-2.0
// Rule for names of tools in the COHERE format: letters, digits and _, not
// beginning with a digit.
#pragma once

#include "plugins/common/upstream/tool_names.hpp"

namespace gatehouse::oci {

using upstream::ToolNames;

inline constexpr upstream::NameRule cohere_name_rule = {.signs = "_", .digit_first = false};

}  // namespace gatehouse::oci
