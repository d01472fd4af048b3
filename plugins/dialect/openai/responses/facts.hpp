// SPDX-License-Identifier: Apache-2.0
// Facts of a request that its response repeats.  Set by the parser, then constant: the same in
// every attempt.  Any thread.
#pragma once

#include "plugins/dialect/openai/responses/tool_table.hpp"

#include <gatehouse/host.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// Members of the response object that repeat the request, as JSON on one line, each with a
/// comma behind it.  Written once, because tools may have many kilobytes.
struct Echo {
    std::string before_output = {};  // instructions to model
    std::string after_output = {};   // parallel_tool_calls to safety_identifier
    std::string after_tier = {};     // store to truncation
    std::string user = {};           // the value of `user`
};

struct ResponseFacts {
    std::string stem = {};  // random part of the ids of the response and of its items
    std::int64_t created = 0;
    const Host* host = nullptr;  // for the time of the end
    bool stream = false;
    bool logprobs = false;   // `include` has message.output_text.logprobs
    bool encrypted = false;  // `include` has reasoning.encrypted_content
    Echo echo = {};
    ToolTable tools = {};

    std::string response_id() const { return "resp_" + stem; }
    /// `prefix` such as "msg_".  `index` is the item's place in the output.
    std::string item_id(std::string_view prefix, std::size_t index) const {
        return std::string(prefix).append(stem).append("_").append(std::to_string(index));
    }
};

}  // namespace gatehouse::openai_dialect::responses
