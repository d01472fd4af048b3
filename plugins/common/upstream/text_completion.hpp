// SPDX-License-Identifier: Apache-2.0
// Checks a text completion for a provider that supports only chats.  Its prompt becomes a
// user's message.  A function without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::upstream {

/// Refuses a text completion that cannot be served as a chat, so that the request falls
/// back to another route.  `logprobs`: whether the model returns log probabilities.  Accepts
/// every chat.
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
