// SPDX-License-Identifier: Apache-2.0
// Fields of Cohere's own that OpenAI does not have: documents, citation
// quality, safety mode and the like.  A client sends them beside OpenAI's, by
// Cohere's name or OCI's.  Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/chat_request.hpp"

namespace gatehouse::oci {

/// Writes those that COHERE has.  The error names a field of a wrong type.
Result<void> write_cohere_extensions(JsonWriter& json, json::Extras& extras);

/// Those that COHEREV2 has, but for `thinking`.
Result<void> write_cohere_v2_extensions(JsonWriter& json, json::Extras& extras);

/// `thinking`, {"type", "token_budget"}; false: the client did not send it.
Result<bool> write_thinking(JsonWriter& json, json::Extras& extras);

}  // namespace gatehouse::oci
