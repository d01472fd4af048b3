// SPDX-License-Identifier: Apache-2.0
// The conversation in the COHERE format: a message or results of tools to answer,
// and all earlier turns as a history (PROTOCOL.md, section 2.4).
#pragma once

#include "plugins/provider/oci/cohere/names.hpp"
#include "plugins/provider/oci/models/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes `preambleOverride`, `chatHistory`, `toolResults` and `message`.  The
/// error names the invalid message and part, because COHERE accepts only text.
/// `tools`: the request has tools.  COHERE refuses `toolResults` without tools.
Result<void> write_cohere_messages(JsonWriter& json, const ChatRequest& request, const Model& model,
                                   const ToolNames& names, bool tools);

}  // namespace gatehouse::oci
