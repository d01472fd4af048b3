// SPDX-License-Identifier: Apache-2.0
// Decisions that depend on several fields, made before the request is written: the token limit,
// reasoning, and how JSON is requested.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/bedrock/model.hpp"
#include "plugins/provider/bedrock/names.hpp"

#include <gatehouse/chat.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bedrock {

struct Plan {
    enum class Answer {
        free,
        schema,  // outputConfig.textFormat
        tool,    // a tool whose input is the answer
        words,   // a sentence in `system`
    };

    std::optional<std::int64_t> max_tokens = {};
    /// Members of additionalModelRequestFields for reasoning: "thinking":{…}.  Empty: none.
    std::string reasoning = {};
    bool thinks = false;  // Claude thinks: sampling is not possible
    Answer answer = Answer::free;
    std::string schema = {};       // the answer's, for Answer::schema and Answer::tool
    std::string answer_tool = {};  // name of the tool, for Answer::tool
    /// Fields of the client that are dropped.
    std::vector<std::string> left_out = {};

    void leave_out(bool given, std::string_view name) {
        if (given && left_out.size() < 32) left_out.emplace_back(name.substr(0, 64));
    }
};

Plan make_plan(const ChatRequest& request, const Model& model, const ToolNames& names);

/// Whether the client offers functions.
bool has_functions(const ChatRequest& request);
/// Whether the client forces a call.
bool is_forced(const ChatRequest& request);

}  // namespace gatehouse::bedrock
