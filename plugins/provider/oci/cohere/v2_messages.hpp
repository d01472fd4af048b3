// SPDX-License-Identifier: Apache-2.0
// The `messages` of the COHEREV2 format (PROTOCOL.md, section 2.5).
#pragma once

#include "plugins/provider/oci/models/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes the array.  The error names the invalid message and part, because only
/// text and images are supported.
Result<void> write_cohere_v2_messages(JsonWriter& json, const ChatRequest& request, const Model& model);

}  // namespace gatehouse::oci
