// SPDX-License-Identifier: Apache-2.0
// The `messages` of the COHEREV2 format (reference, section 2.5).
#pragma once

#include "plugins/provider/oci/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes the array.  The error names the message and the part at fault: there
/// is a place for text and images only.
Result<void> write_cohere_v2_messages(JsonWriter& json, const ChatRequest& request, const Model& model);

}  // namespace gatehouse::oci
