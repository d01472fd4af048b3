// SPDX-License-Identifier: Apache-2.0
// Classifies an upstream's message by its wording.  OCI forwards messages of vendors, and
// most of them have no code.  Functions without state: any thread.
#pragma once

#include <gatehouse/error_text.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

using gatehouse::limit_in;
using gatehouse::says_context_length;
using gatehouse::says_filtered;

/// The parameter that a message calls unsupported, in the message's spelling.  Empty if there is no such
/// parameter.
std::string unsupported_parameter_in(std::string_view message);

/// The parameter named in OCI's "Invalid parameter: 'toolCallId' of …".  Empty if there is no such parameter.
std::string invalid_parameter_in(std::string_view message);

}  // namespace gatehouse::upstream
