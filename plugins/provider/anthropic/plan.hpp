// SPDX-License-Identifier: Apache-2.0
// Decisions that depend on several fields, made before the request is written: token limit
// and thinking budget, whether sampling and a forced tool choice are possible, and how JSON
// is requested.
// Functions without state: any thread.
#pragma once

#include "plugins/common/json/extras.hpp"
#include "plugins/provider/anthropic/model.hpp"
#include "plugins/provider/anthropic/names.hpp"

#include <gatehouse/chat.hpp>

#include <string>
#include <vector>

namespace gatehouse::anthropic {

struct Plan {
    enum class Answer {
        free,
        schema,  // output_config.format
        tool,    // a tool whose input is the answer
        words,   // a sentence in `system`
    };

    std::int64_t max_tokens = 0;
    std::string thinking = {};  // value of `thinking`; empty if not sent
    bool own_thinking = false;  // it is the client's own, not the translation of reasoning_effort
    std::string effort = {};    // value of output_config.effort; empty if not sent
    bool sampling = true;       // temperature, top_p and top_k may be sent
    Answer answer = Answer::free;
    std::string schema = {};       // the answer's, for Answer::schema and Answer::tool
    std::string answer_tool = {};  // name of the tool, for Answer::tool
    /// Fields of the client that are dropped.
    std::vector<std::string> left_out = {};

    void leave_out(std::string_view name) {
        if (left_out.size() < 32) left_out.emplace_back(name.substr(0, 64));
    }
    void leave_out(bool given, std::string_view name) {
        if (given) leave_out(name);
    }
};

Plan make_plan(const ChatRequest& request, const Model& model, const ToolNames& names, json::Extras& extras);

/// Whether the client offers functions.  Other tools of OpenAI are not supported.
bool has_functions(const ChatRequest& request);

}  // namespace gatehouse::anthropic
