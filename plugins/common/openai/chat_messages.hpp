// SPDX-License-Identifier: Apache-2.0
// Writes the messages of a request in OpenAI's format.  Functions without state: any thread.
#pragma once

#include "plugins/common/openai/chat_request.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_format {

/// Appends the array of messages.
void write_messages(std::string& out, const ChatRequest& request, const WireFormat& wire);

/// The reasoning of a message of role assistant, as text.
std::string reasoning_of(const Message& message);

/// The member with the arguments of a call, or with the input of a custom tool.
void write_arguments(JsonWriter& json, const ToolCall& call);

/// Appends the members of `object`, JSON text of an object, each with a comma before it.
void append_members(std::string& out, const JsonText& object);

}  // namespace gatehouse::openai_format
