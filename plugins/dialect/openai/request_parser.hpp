// SPDX-License-Identifier: Apache-2.0
// Parses the body of a chat or a text completion.  It checks type and range of each field
// and keeps unknown fields.  Pure functions.  [any thread]
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>

namespace gatehouse::openai_dialect {

/// Limits of a request, which bound its memory.
struct Bounds {
    std::size_t json_depth = 200;
    std::size_t messages = 10'000;
    std::size_t parts = 20'000;  // content parts and tool calls in all messages
    std::size_t tools = 1'024;
    std::size_t stop = 4;
    std::size_t inputs = 2'048;      // texts of an embedding request, prompts of a text completion
    std::size_t documents = 10'000;  // documents of a ranking
};

/// The names that a client uses for its tools.
enum class ToolNames {
    tools,
    functions,  // the client sent `functions`, and expects `function_call` in the response
};

/// Fills `request`, which is empty and may share the body.  The error is bad_request with `param`.
Result<ToolNames> parse_chat(std::string body, const Bounds& bounds, ChatRequest& request);

struct ParsedCompletion {
    ChatRequest request;      // its `completion` is set
    std::size_t prompts = 1;  // each gets `n` texts
};

/// The same for OpenAI's older endpoint, where a model continues a text.
Result<ParsedCompletion> parse_completion(std::string body, const Bounds& bounds);

}  // namespace gatehouse::openai_dialect
