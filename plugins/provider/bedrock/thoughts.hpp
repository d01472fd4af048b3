// SPDX-License-Identifier: Apache-2.0
// Signed thoughts of earlier turns, which a model accepts unchanged only.  They come as parts, or
// in the member `thinking_blocks` of an assistant's message: Anthropic's blocks, as this provider
// and others emit them for clients of Chat Completions.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"

#include <gatehouse/chat.hpp>

#include <string_view>
#include <vector>

namespace gatehouse::bedrock {

/// Whether the model may have issued `thought`.
bool is_returnable(const Thought& thought, const Model& model);

/// The thoughts of thinking_blocks.  Empty if the parts have thoughts.
std::vector<Thought> leading_thoughts(const Message& message, const Model& model);

/// Whether a turn with calls has lost its thoughts.  Claude then refuses thinking with a budget.
bool lost_thinking(const ChatRequest& request, const Model& model);

}  // namespace gatehouse::bedrock
