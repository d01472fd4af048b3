// SPDX-License-Identifier: Apache-2.0
// The model's output for a call, independent of the vendor's wire format.  Pure
// functions: [any thread].
#pragma once

#include "tools/oci_emulator/call.hpp"
#include "tools/oci_emulator/faults.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

struct SaidCall {
    std::string id, name;
    std::vector<std::string> arguments;  // in pieces
};

/// One of the numGenerations answers.
struct Answer {
    std::vector<std::string> reasoning = {};  // words
    std::vector<std::string> words = {};      // empty if it calls tools
    std::vector<SaidCall> calls = {};
    std::string plan = {};    // plan of Cohere's models, which announce their calls
    std::string finish = {};  // finish reason of a mock word
    std::string id = {};      // id of the answer, if it has one
    bool cut_by_limit = false;
    bool stopped = false;     // ended by a stop string
    std::int64_t tokens = 0;  // words and pieces, including reasoning
    std::int64_t reasoning_tokens = 0;
};

/// Returns the model's answers.  `call_id` generates the id of each tool call.
Answer answer_to(const ChatCall& call, const Faults& faults, const std::function<std::string()>& call_id);

}  // namespace gatehouse::emulator
