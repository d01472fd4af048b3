// SPDX-License-Identifier: Apache-2.0
// The `messages` of the GENERIC format (PROTOCOL.md, section 2.3).
#pragma once

#include "plugins/provider/oci/models/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes the array.  The error names the invalid message and part.
Result<void> write_generic_messages(JsonWriter& json, const ChatRequest& request, const Model& model);

}  // namespace gatehouse::oci
