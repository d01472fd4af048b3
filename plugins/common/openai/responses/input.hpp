// SPDX-License-Identifier: Apache-2.0
// Writes the messages of a chat as items.  Functions without state: any thread.
#pragma once

#include "plugins/common/openai/responses/request.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_format::responses {

/// The message whose text is the member `instructions`, or null.
const Message* instructions_of(const ChatRequest& request);

/// Appends the array of items, without the instructions.
void write_input(std::string& out, const ChatRequest& request, const Wire& wire);

}  // namespace gatehouse::openai_format::responses
