// SPDX-License-Identifier: Apache-2.0
// The `messages` of the GENERIC format (reference, section 2.3).
#pragma once

#include "plugins/provider/oci/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

namespace gatehouse::oci {

/// Writes the array.  The error names the message and the part at fault.
Result<void> write_generic_messages(JsonWriter& json, const ChatRequest& request, const Model& model);

}  // namespace gatehouse::oci
