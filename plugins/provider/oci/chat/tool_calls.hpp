// SPDX-License-Identifier: Apache-2.0
// Assembles the tool calls of one choice, with the code that all providers share.
// OCI's entries have no position; PROTOCOL.md, section 4.3, lists the vendors'
// behaviour.
#pragma once

#include "plugins/common/upstream/tool_calls.hpp"

namespace gatehouse::oci {

using upstream::make_call_id;
using upstream::ToolCalls;

}  // namespace gatehouse::oci
