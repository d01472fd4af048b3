// SPDX-License-Identifier: Apache-2.0
// The tokens of a response.  `inputTokens` has neither the tokens that were read from the cache nor
// those that were written to it (Amazon Bedrock User Guide, "Prompt caching": total input tokens =
// inputTokens + cacheReadInputTokens + cacheWriteInputTokens), so the prompt is the sum.
// A function without state: any thread.
#pragma once

#include <gatehouse/event.hpp>
#include <gatehouse/json.hpp>

#include <optional>

namespace gatehouse::bedrock {

/// Nothing if neither number is known.
std::optional<Usage> read_usage(JsonValue usage);

}  // namespace gatehouse::bedrock
