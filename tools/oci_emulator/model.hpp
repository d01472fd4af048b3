// SPDX-License-Identifier: Apache-2.0
// The model: what it says to a call, whoever's manners it is then given.
// Pure functions: [any thread].
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

/// One answer; with numGenerations, each of them.
struct Answer {
    std::vector<std::string> reasoning = {};  // words
    std::vector<std::string> words = {};      // empty if it calls tools
    std::vector<SaidCall> calls = {};
    std::string plan = {};    // of Cohere's models, which say what they are about to call
    std::string finish = {};  // the finish reason that a mock word wants
    std::string id = {};      // of the answer, where it has one
    bool cut_by_limit = false;
    bool stopped = false;     // by one of the strings to stop at
    std::int64_t tokens = 0;  // words and pieces said, reasoning included
    std::int64_t reasoning_tokens = 0;
};

/// What the model answers.  `call_id` is asked for the id of each tool call.
Answer answer_to(const ChatCall& call, const Faults& faults, const std::function<std::string()>& call_id);

}  // namespace gatehouse::emulator
