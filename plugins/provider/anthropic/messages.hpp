// SPDX-License-Identifier: Apache-2.0
// Writes a client's messages as the API's `messages`.  The roles alternate, tool results are at
// the start of the turn after their calls, and no block is empty.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <string_view>

namespace gatehouse::anthropic {

Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Model& model);

/// Whether the conversation ends with the assistant's text, which the model continues.
bool ends_with_assistant(const ChatRequest& request);

}  // namespace gatehouse::anthropic
