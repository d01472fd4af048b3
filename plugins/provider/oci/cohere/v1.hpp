// SPDX-License-Identifier: Apache-2.0
// The COHERE format, `apiFormat: "COHERE"`, for requests and responses.  Cohere's
// text models use it.  PROTOCOL.md, sections 2.4, 3.3, 4.4, 8.4 and 8.5.
#pragma once

#include "plugins/provider/oci/chat/format.hpp"

namespace gatehouse::oci {

/// Returns a client error for a field or part that the format does not support.
Result<Written> write_cohere(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                             bool stream);

std::unique_ptr<AnswerReader> make_cohere_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
