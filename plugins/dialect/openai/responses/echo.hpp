// SPDX-License-Identifier: Apache-2.0
// Writes the members of a response that repeat its request.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/facts.hpp"

namespace gatehouse::openai_dialect::responses {

Echo echo_of(const ResponseDraft& draft);

}  // namespace gatehouse::openai_dialect::responses
