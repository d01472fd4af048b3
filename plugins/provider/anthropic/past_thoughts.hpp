// SPDX-License-Identifier: Apache-2.0
// Thoughts of earlier responses that a client sends back.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>

#include <string>
#include <vector>

namespace gatehouse::anthropic {

/// The blocks of the member `thinking_blocks` of `message`, as JSON, unchanged.  Nothing if its
/// thoughts are among its parts.
std::vector<std::string> leading_thoughts(const Message& message);

/// Whether the current turn, after the last user's message, has calls without their thinking
/// blocks.  A model cannot continue its thinking then.
bool lost_thinking(const ChatRequest& request);

}  // namespace gatehouse::anthropic
