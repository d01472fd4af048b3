// SPDX-License-Identifier: Apache-2.0
// The GENERIC format, `apiFormat: "GENERIC"`, for requests and responses.  Models
// of Meta, xAI, Google and OpenAI and imported models use it.
#pragma once

#include "plugins/provider/oci/chat/format.hpp"

namespace gatehouse::oci {

/// PROTOCOL.md, sections 2.1, 2.2, 2.3 and 8.1.  Returns a client error for a part that
/// OCI does not support.
Result<Written> write_generic(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                              bool stream);

/// PROTOCOL.md, sections 3.2, 4.2, 4.3, 8.2, 8.3 and 8.6.
std::unique_ptr<AnswerReader> make_generic_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
