// SPDX-License-Identifier: Apache-2.0
// Classifies an upstream's message by its wording.  OCI forwards messages of vendors, and
// most of them have no code.  Functions without state: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// Whether a message, in lower case, says that the prompt is too long.
bool says_context_length(std::string_view lower);

/// The number of tokens that such a message names as the limit.
std::optional<std::int64_t> limit_in(std::string_view lower);

/// Whether a message, in lower case, says that a content filter rejected the request.
bool says_filtered(std::string_view lower);

/// The parameter that a message calls unsupported, in the message's spelling.  Empty if there is no such
/// parameter.
std::string unsupported_parameter_in(std::string_view message);

/// The parameter named in OCI's "Invalid parameter: 'toolCallId' of …".  Empty if there is no such parameter.
std::string invalid_parameter_in(std::string_view message);

}  // namespace gatehouse::upstream
