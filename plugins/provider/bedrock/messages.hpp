// SPDX-License-Identifier: Apache-2.0
// `system` and `messages` of a request.  Converse requires a user's turn first, turns of user and
// assistant in alternation, and each result of a tool in the turn after its call.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <string_view>

namespace gatehouse::bedrock {

/// Writes the member `system` with `more` at its end.  Omits the member if it has no block, or if the
/// model has no system prompt: write_messages() then begins with these texts.
Result<void> write_system(JsonWriter& json, const ChatRequest& request, const Model& model,
                          std::string_view more);

/// Writes the member `messages`.  `more`: as for write_system().
Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Model& model, std::string_view more);

/// Whether the conversation ends with the assistant's text.
bool ends_with_assistant(const ChatRequest& request);

}  // namespace gatehouse::bedrock
