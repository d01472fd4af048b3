// SPDX-License-Identifier: Apache-2.0
// The two ways of the GENERIC format, `apiFormat: "GENERIC"`: what Meta's,
// xAI's, Google's, OpenAI's and imported models speak.
#pragma once

#include "plugins/provider/oci/chat_format.hpp"

namespace gatehouse::oci {

/// Reference, sections 2.1 to 2.3 and 8.1.  The error is the client's: a part
/// that OCI has no place for.
Result<Written> write_generic(const ChatRequest& request, const Model& model, std::string_view compartment_id,
                              bool stream);

/// Reference, sections 3.2, 4.2, 4.3, 8.2, 8.3 and 8.6.
std::unique_ptr<AnswerReader> make_generic_reader(const ChatRequest& request);

}  // namespace gatehouse::oci
