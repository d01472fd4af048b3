// SPDX-License-Identifier: Apache-2.0
// The finish reasons of upstreams.  Functions without state: any thread.
#pragma once

#include <gatehouse/event.hpp>

#include <optional>
#include <string_view>

namespace gatehouse::upstream {

/// Reads the words of all vendors that are known, in any spelling: "MAX_TOKENS", "maxTokens",
/// "FinishReason.MAX_TOKENS".  Unknown words are `stop`.  Returns nothing for a word that
/// reports a failure of the model or of its service.
std::optional<FinishReason> read_finish_reason(std::string_view word);

}  // namespace gatehouse::upstream
