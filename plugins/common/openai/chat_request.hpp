// SPDX-License-Identifier: Apache-2.0
// Writes a chat as the body of OpenAI's Chat Completions, or a text completion as the body
// of its older endpoint, for any compatible upstream.  Unknown members are forwarded
// unchanged.  Functions without state: any thread.
#pragma once

#include "plugins/common/openai/request_writer.hpp"

#include <gatehouse/chat.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_format {

/// ChatRequest::protocol of requests whose unknown members belong to this format.
inline constexpr std::string_view own_protocol = "openai";

/// The format that an upstream, or one of its models, requires.
struct WireFormat {
    bool stream = false;
    Wants wants = {};
    /// Name of the token limit upstream.
    enum class Limit { as_given, max_tokens, max_completion_tokens };
    Limit limit = Limit::as_given;
    /// The limit if the client sets none, and the highest limit; ignored with `as_given`.
    std::optional<std::int64_t> default_limit = {}, most = {};
    bool developer = true;  // knows the role; otherwise such messages get the role system
    bool reasoning = true;  // accepts reasoning_content of earlier turns
};

/// The body.  The model is `request.model`.
std::string write_chat(const ChatRequest& request, const WireFormat& wire);

/// The body of a text completion.  REQUIRES: request.completion is set.
std::string write_completion(const ChatRequest& request, const WireFormat& wire);

}  // namespace gatehouse::openai_format
