// SPDX-License-Identifier: Apache-2.0
// The tools of a chat of another protocol.  Functions without state: any thread.
#pragma once

#include "plugins/common/openai/foreign_chat.hpp"

namespace gatehouse::openai_format {

/// Leaves out the tools and members that only the client's protocol has.  `from` is the client's
/// request.
Result<void> translate_tools(const ChatRequest& from, TranslatedChat& chat);

}  // namespace gatehouse::openai_format
