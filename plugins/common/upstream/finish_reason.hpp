// SPDX-License-Identifier: Apache-2.0
// The finish reasons of upstreams.  Functions without state: any thread.
#pragma once

#include <gatehouse/event.hpp>

#include <optional>
#include <string_view>

namespace gatehouse::upstream {

/// Whether a limit or a filter has ended the answer, so that its tool calls may be incomplete.
constexpr bool is_cut(FinishReason reason) {
    switch (reason) {
        case FinishReason::length:
        case FinishReason::content_filter: return true;
        case FinishReason::stop:
        case FinishReason::tool_calls: return false;
    }
    return false;
}

/// Reads the words of all vendors that are known, in any spelling: "MAX_TOKENS", "maxTokens",
/// "FinishReason.MAX_TOKENS".  Unknown words are `stop`.  Returns nothing for a word that
/// reports a failure of the model or of its service.
std::optional<FinishReason> read_finish_reason(std::string_view word);

}  // namespace gatehouse::upstream
