// SPDX-License-Identifier: Apache-2.0
// The two ways of the COHERE format, `apiFormat: "COHERE"`: what Cohere's text
// models speak.  Reference, sections 2.4, 3.3, 4.4, 8.4 and 8.5.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"

namespace gatehouse::oci {

/// The error is the client's: a field or part that the format has no place for.
Result<Written> write_cohere(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                             bool stream);

std::unique_ptr<AnswerReader> make_cohere_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
