// SPDX-License-Identifier: Apache-2.0
// What of a request depends on the rest of it, decided before a byte is
// written: the limit and the thinking inside it, whether sampling and a forced
// tool choice go with that, and how an answer in JSON is asked for.
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
        tool,    // the call of a made-up tool stands in for it
        words,   // a sentence in `system`
    };

    std::int64_t max_tokens = 0;
    std::string thinking = {};  // the value of `thinking`; empty: not sent
    std::string effort = {};    // of output_config; empty: not sent
    bool sampling = true;       // temperature, top_p and top_k may be sent
    Answer answer = Answer::free;
    std::string answer_tool = {};  // its name, for Answer::tool
    /// What the client asked for and is not sent, though an answer without it is still one.
    std::vector<std::string> left_out = {};

    void leave_out(std::string_view name) {
        if (left_out.size() < 32) left_out.emplace_back(name.substr(0, 64));
    }
    void leave_out(bool given, std::string_view name) {
        if (given) leave_out(name);
    }
};

Plan make_plan(const ChatRequest& request, const Model& model, const ToolNames& names, json::Extras& extras);

/// Whether the client offers functions, the only tools of OpenAI's that there are here.
bool has_functions(const ChatRequest& request);

}  // namespace gatehouse::anthropic
