// SPDX-License-Identifier: Apache-2.0
// Writes the members of a response that repeat its request.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/facts.hpp"

namespace gatehouse::openai_dialect::responses {

/// `stored`: the response will be kept.
Echo echo_of(const ResponseDraft& draft, bool stored);

}  // namespace gatehouse::openai_dialect::responses
