// SPDX-License-Identifier: Apache-2.0
// Writes a chat as a request of OpenAI's Responses API.  The gateway keeps the state itself, so
// the request has the complete conversation and `store: false`.
// Functions without state: any thread.
#pragma once

#include "plugins/common/openai/request_writer.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::openai_format::responses {

/// Whether the client speaks the Responses API, so that members of its protocol are sent.
bool is_native(const ChatRequest& request);

struct Wire {
    bool developer = true;                  // the upstream knows the role of this name
    bool encrypted = true;                  // request `encrypted_content` of thoughts
    bool thoughts = true;                   // send the thoughts of earlier turns
    bool whole = false;                     // request a non-streaming response to a streaming request
    std::optional<std::int64_t> most = {};  // a client's higher token limit is lowered to it
    openai_format::Wants wants = {};
};

/// The fields of the request that are hints and that the API does not have.
std::vector<std::string> left_out(const ChatRequest& request);

/// The error is unsupported: the API has no such field.
Result<std::string> write_request(const ChatRequest& request, const Wire& wire);

}  // namespace gatehouse::openai_format::responses
