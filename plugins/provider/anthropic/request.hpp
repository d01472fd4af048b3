// SPDX-License-Identifier: Apache-2.0
// A chat as the body of POST /v1/messages.  A function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::anthropic {

/// Which of the things that a model may refuse are in a body.
struct Sent {
    bool temperature = false, top_p = false, top_k = false;
    ThinkingStyle thinking = ThinkingStyle::none;  // that reasoning_effort has become
    bool effort = false, schema = false, prefill = false;
};

struct Written {
    std::string body = {};
    Sent sent = {};
    std::string answer_tool = {};  // the made-up tool whose input is the answer; empty: none
    std::vector<std::string> left_out = {};
};

Result<Written> write_request(const ChatRequest& request, const Model& model, const ToolNames& names);

}  // namespace gatehouse::anthropic
