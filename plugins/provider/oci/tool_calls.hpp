// SPDX-License-Identifier: Apache-2.0
// Puts the tool calls of one choice together, as all providers do.  OCI's
// entries carry no position: reference, section 4.3, for who does what.
#pragma once

#include "plugins/common/upstream/tool_calls.hpp"

namespace gatehouse::oci {

using upstream::make_call_id;
using upstream::ToolCalls;

}  // namespace gatehouse::oci
