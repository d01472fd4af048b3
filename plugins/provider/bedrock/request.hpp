// SPDX-License-Identifier: Apache-2.0
// The body of Converse and ConverseStream (Amazon Bedrock API Reference, "Converse").
// Functions without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/names.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::bedrock {

/// guardrailConfig.  An empty id: none.
struct Guardrail {
    std::string id = {}, version = {}, stream_mode = {};
};

/// Features in a body that a model may refuse.
struct Sent {
    bool temperature = false, top_p = false, top_k = false, stop = false;
    bool schema = false, strict = false, caching = false, prefill = false, system = false;
    bool stream = false, tools = false;
    Thinking thinking = Thinking::none;
};

struct Written {
    std::string body = {};
    std::string answer_tool = {};  // the tool whose input is the answer's text, or empty
    bool stream = false;           // for converse-stream
    Sent sent = {};
    std::vector<std::string> left_out = {};  // fields of the client
};

Result<Written> write_request(const ChatRequest& request, const Model& model, const ToolNames& names,
                              const Guardrail& guardrail);

/// The body of CountTokens: the members of Converse that belong to the prompt.
Result<std::string> write_count(const ChatRequest& request, const Model& model, const ToolNames& names);

}  // namespace gatehouse::bedrock
