// SPDX-License-Identifier: Apache-2.0
// Reads the body of a request for a chat or a text completion: every field with
// its type and range, unknown ones kept.  Pure functions.  [any thread]
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>

namespace gatehouse::openai_dialect {

/// What one request may have at most, so that its size in memory is bounded.
struct Bounds {
    std::size_t json_depth = 200;
    std::size_t messages = 10'000;
    std::size_t parts = 20'000;  // content parts and tool calls, of all messages
    std::size_t tools = 1'024;
    std::size_t stop = 4;
    std::size_t inputs = 2'048;      // texts of one request for embeddings, prompts of one for completions
    std::size_t documents = 10'000;  // of one ranking
};

struct ParsedChat {
    ChatRequest request;
    /// The client spoke of `functions`, the older name of tools, and expects
    /// `function_call` in the answer.
    bool functions = false;
};

/// The error is bad_request, with `param`.  The request may keep the body.
Result<ParsedChat> parse_chat(std::string body, const Bounds& bounds);

struct ParsedCompletion {
    ChatRequest request;      // its `completion` is set
    std::size_t prompts = 1;  // each gets `n` texts
};

/// The same of OpenAI's older endpoint, where a model goes on with a text.
Result<ParsedCompletion> parse_completion(std::string body, const Bounds& bounds);

}  // namespace gatehouse::openai_dialect
