// SPDX-License-Identifier: Apache-2.0
// A chat of our vocabulary as the body of OpenAI's Chat Completions, or a text
// completion as that of its older endpoint, for any upstream that speaks them.
// What the vocabulary has no name for goes through as it came.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_format {

/// How one upstream, or one model of it, wants its requests.
struct Manners {
    bool stream = false;
    /// Asked with the name of each optional field that is about to be written;
    /// false leaves it out.  None: all are written.
    std::function<bool(std::string_view name)> wants = {};
    /// Under which name the limit of the answer goes.
    enum class Limit { as_given, max_tokens, max_completion_tokens };
    Limit limit = Limit::as_given;
    /// The limit if the client names none, and the highest one; not with `as_given`.
    std::optional<std::int64_t> default_limit = {}, most = {};
    bool developer = true;  // knows the role; else such messages are system's
    bool reasoning = true;  // takes reasoning_content of earlier turns back
};

/// The body.  The model is `request.model`.
std::string write_chat(const ChatRequest& request, const Manners& manners);

/// The body of a text completion.  REQUIRES: request.completion is set.
std::string write_completion(const ChatRequest& request, const Manners& manners);

}  // namespace gatehouse::openai_format
