// SPDX-License-Identifier: Apache-2.0
// Writes the record of a response, and the turn of a conversation; stored.hpp and conversation.hpp read
// them.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/response_object.hpp"

#include <gatehouse/dialect.hpp>

#include <vector>

namespace gatehouse::openai_dialect::responses {

/// The documents of a response that is complete.  Its own record is missing if it must not be kept or is
/// too large.  `sent` is the operation as the hooks have left it.
std::vector<Keep> records_of(const ResponseFacts& facts, const ResponseState& state, const Operation& sent);

}  // namespace gatehouse::openai_dialect::responses
