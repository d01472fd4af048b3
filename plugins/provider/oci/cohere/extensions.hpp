// SPDX-License-Identifier: Apache-2.0
// Cohere's own fields, which OpenAI's API does not have: documents, citation
// quality, safety mode and the like.  Clients send them next to OpenAI's fields,
// by Cohere's name or OCI's.  Stateless functions: any thread.
#pragma once

#include "plugins/provider/oci/chat/request.hpp"

namespace gatehouse::oci {

/// Writes the fields of COHERE.  The error names a field of a wrong type.
Result<void> write_cohere_extensions(JsonWriter& json, json::Extras& extras);

/// Writes the fields of COHEREV2, except `thinking`.
Result<void> write_cohere_v2_extensions(JsonWriter& json, json::Extras& extras);

/// Writes `thinking`, {"type", "token_budget"}.  Returns false if the client did
/// not send it.
Result<bool> write_thinking(JsonWriter& json, json::Extras& extras);

}  // namespace gatehouse::oci
