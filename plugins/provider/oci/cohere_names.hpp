// SPDX-License-Identifier: Apache-2.0
// Names of tools as the COHERE format takes them: letters, digits and _, and no
// digit first.
#pragma once

#include "plugins/common/upstream/tool_names.hpp"

namespace gatehouse::oci {

using upstream::ToolNames;

inline constexpr upstream::NameRule cohere_name_rule = {.signs = "_", .digit_first = false};

}  // namespace gatehouse::oci
