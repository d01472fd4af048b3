// SPDX-License-Identifier: Apache-2.0
// The conversation as the COHERE format has it: a message to answer, or results
// of tools to go on with, and everything before as a history (reference, 2.4).
#pragma once

#include "plugins/provider/oci/cohere_names.hpp"
#include "plugins/provider/oci/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes `message`, `chatHistory`, `preambleOverride` and `toolResults`.  The
/// error names the message and the part at fault: COHERE is text only.
/// `tools`: there will be tools, without which COHERE takes no `toolResults`.
Result<void> write_cohere_messages(JsonWriter& json, const ChatRequest& request, const Model& model,
                                   const ToolNames& names, bool tools);

}  // namespace gatehouse::oci
