// SPDX-License-Identifier: Apache-2.0
// Writes a response, streaming or non-streaming.  One formatter per attempt, one thread at a
// time.
#pragma once

#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>

namespace gatehouse::openai_dialect::responses {

std::unique_ptr<ResponseFormatter> response_formatter(std::shared_ptr<const ResponseFacts> facts);

}  // namespace gatehouse::openai_dialect::responses
