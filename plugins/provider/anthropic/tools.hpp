// SPDX-License-Identifier: Apache-2.0
// `tools` and `tool_choice`.  Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/names.hpp"
#include "plugins/provider/anthropic/plan.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::anthropic {

/// Writes both members if needed.  Adds dropped fields to `plan`.
Result<void> write_tools(JsonWriter& json, const ChatRequest& request, const ToolNames& names, Plan& plan);

}  // namespace gatehouse::anthropic
