// SPDX-License-Identifier: Apache-2.0
// The COHEREV2 format, `apiFormat: "COHEREV2"`, for requests and responses.
// Cohere's vision and reasoning models use it.  PROTOCOL.md, sections 2.5, 3.4,
// 4.5 and 8.5.
#pragma once

#include "plugins/provider/oci/chat/format.hpp"

namespace gatehouse::oci {

/// Returns a client error for a field or part that the format does not support.
Result<Written> write_cohere_v2(const ChatRequest& request, const Model& model,
                                std::string_view compartment_id, bool stream);

std::unique_ptr<AnswerReader> make_cohere_v2_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
