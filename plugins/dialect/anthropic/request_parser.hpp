// SPDX-License-Identifier: Apache-2.0
// Parses the body of a message or of a count of its tokens.  It checks type and range of
// each field and keeps unknown fields.  Pure functions.  [any thread]
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>

namespace gatehouse::anthropic_dialect {

/// Limits of a request, which bound its memory.
struct Bounds {
    std::size_t json_depth = 200;
    std::size_t messages = 10'000;
    std::size_t parts = 20'000;  // content blocks in all messages
    std::size_t tools = 1'024;
    std::size_t stop = 64;
};

struct ParsedMessage {
    ChatRequest request = {};
    bool asks_thoughts = false;  // the client asked for thinking
};

/// The error is bad_request with `param`, a path with dots, at the beginning of its message.
/// `counts`: only the tokens are to be counted, and max_tokens is not required.
Result<ParsedMessage> parse_message(std::string body, const Bounds& bounds, bool counts);

}  // namespace gatehouse::anthropic_dialect
