// SPDX-License-Identifier: Apache-2.0
// A text completion before a provider that knows chats alone: its prompt is a
// user's message.  A function without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::upstream {

/// Refuses what no chat can do, so that another route may.  `logprobs`: whether
/// the model tells log probabilities.  A chat passes.
inline Result<void> check_text_completion(const ChatRequest& request, bool logprobs) {
    auto refused = [](const char* param, const char* what) {
        return Error{.kind = ErrorKind::unsupported,
                     .message = std::string(param) + " " + what + ": this model is served as a chat",
                     .param = param};
    };
    if (!request.completion) return {};
    const TextCompletion& completion = *request.completion;
    if (!completion.prompts.empty()) return refused("prompt", "must be one text, neither several nor tokens");
    if (!completion.suffix.empty()) return refused("suffix", "is not possible");
    if (completion.echo.value_or(false)) return refused("echo", "is not possible");
    if (completion.best_of.value_or(1) > request.sampling.n.value_or(1))
        return refused("best_of", "cannot be greater than n");
    if (completion.logprobs && !logprobs) return refused("logprobs", "is not possible");
    return {};
}

}  // namespace gatehouse::upstream
