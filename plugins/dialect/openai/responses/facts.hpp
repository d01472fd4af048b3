// SPDX-License-Identifier: Apache-2.0
// Facts of a request that its response repeats.  Set by the parser, then constant: the same in
// every attempt.  Any thread.
#pragma once

#include "plugins/dialect/openai/responses/tool_table.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_dialect::responses {

/// Members of the response object that repeat the request, as JSON on one line, each with a
/// comma behind it.  Written once, because tools may have many kilobytes.
struct Echo {
    std::string instructions = {};   // its value
    std::string before_output = {};  // max_output_tokens to model
    std::string after_output = {};   // parallel_tool_calls to safety_identifier
    std::string after_tier = {};     // temperature to truncation
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

    // For the store:
    bool stored = false;                  // the response is kept
    std::vector<std::string> chain = {};  // ids of the earlier responses, the oldest first
    std::size_t message_count = 0;        // the request has as many
    std::vector<std::size_t> added = {};  // indexes of messages from its own items
    bool instructed = false;              // its first message has the instructions
    std::string new_tools = {};           // tools from its own items: elements, as JSON
    std::string conversation = {};        // the id of the conversation that gets the items; empty: none
    std::chrono::milliseconds keep_for = {};
    std::size_t max_kept_bytes = 0;

    /// Whether the store keeps the items.
    bool keeps() const { return stored || !conversation.empty(); }

    std::string response_id() const { return "resp_" + stem; }
    /// `prefix` such as "msg_".  `index` is the item's place in the output.
    std::string item_id(std::string_view prefix, std::size_t index) const {
        return std::string(prefix).append(stem).append("_").append(std::to_string(index));
    }
    /// The same for an item of the input.
    std::string input_id(std::string_view prefix, std::size_t index) const {
        return std::string(prefix).append(stem).append("_in").append(std::to_string(index));
    }
};

}  // namespace gatehouse::openai_dialect::responses
