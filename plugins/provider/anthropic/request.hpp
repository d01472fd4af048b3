// SPDX-License-Identifier: Apache-2.0
// Writes a chat as the body of a request.  A function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::anthropic {

/// Features in a body that a model may refuse.
struct Sent {
    bool temperature = false, top_p = false, top_k = false;
    ThinkingStyle thinking = ThinkingStyle::none;  // translation of reasoning_effort
    bool effort = false, schema = false, prefill = false;
    bool system = false;  // a turn of the role system
};

struct Written {
    std::string body = {};
    Sent sent = {};
    std::string answer_tool = {};  // the tool whose input is the answer, or empty
    std::vector<std::string> left_out = {};
};

/// The body for POST /v1/messages, or for POST /v1/messages/count_tokens, which takes only the
/// members that belong to the prompt.
enum class Purpose { answer, count };

Result<Written> write_request(const ChatRequest& request, const Model& model, const ToolNames& names,
                              Purpose purpose = Purpose::answer);

}  // namespace gatehouse::anthropic
