// SPDX-License-Identifier: Apache-2.0
// The two ways of the COHEREV2 format, `apiFormat: "COHEREV2"`: what Cohere's
// vision and reasoning models speak.  Reference, sections 2.5, 3.4, 4.5 and 8.5.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"

namespace gatehouse::oci {

/// The error is the client's: a field or part that the format has no place for.
Result<Written> write_cohere_v2(const ChatRequest& request, const Model& model,
                                std::string_view compartment_id, bool stream);

std::unique_ptr<AnswerReader> make_cohere_v2_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
