// SPDX-License-Identifier: Apache-2.0
// A client's messages as the API's `system` and `messages`: two roles in turn,
// results of tools first in the turn behind their calls, no empty blocks.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <string_view>

namespace gatehouse::anthropic {

/// The blocks of `system`, with `more` behind them if it says something; none: no member.
Result<void> write_system(JsonWriter& json, const ChatRequest& request, std::string_view more);

Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Manners& manners);

/// Whether the turn that is going on, from the last user's words, has calls whose
/// thinking the client has not sent back: a model cannot go on thinking then.
bool lost_thinking(const ChatRequest& request);

/// Whether the last words are the assistant's own, from which the model goes on.
bool ends_with_assistant(const ChatRequest& request);

}  // namespace gatehouse::anthropic
