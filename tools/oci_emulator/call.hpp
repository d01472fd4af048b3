// SPDX-License-Identifier: Apache-2.0
// A chat request that has passed its checks, as the model sees it.  Plain
// values, one thread at a time.
#pragma once

#include "tools/oci_emulator/catalogue.hpp"
#include "tools/oci_emulator/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

struct ToolOffer {
    std::string name;
    Json parameters;  // a JSON schema
};

struct ChatCall {
    Model model;
    bool stream = false, include_usage = false;
    int answers = 1;  // numGenerations
    std::optional<std::int64_t> max_words = {};
    std::vector<std::string> stop = {};
    int top_logprobs = 0;  // 0: not asked for
    bool reasons = false;  // shows what it thinks

    std::vector<ToolOffer> tools = {};
    enum class Choice { automatic, none, required, named } choice = Choice::automatic;
    std::string chosen_tool = {};
    bool parallel = true;

    bool wants_json = false;
    Json schema = {};  // of JSON_SCHEMA; null: any object

    std::string user_text = {};      // of the last user message
    std::string new_user_text = {};  // of all user messages after the last assistant message, by LF
    std::vector<std::string> tool_results = {};  // after the last assistant message
    std::vector<std::string> images = {};        // after the last assistant message: URLs
    std::int64_t prompt_words = 0;
};

/// REQUIRES: check_chat() has accepted `details` and found `model`.
ChatCall read_call(const Json& details, const Model& model);

/// `text` as the model says it: each word with the blanks before it.  Joined, they are `text`.
std::vector<std::string> words_of(std::string_view text);

}  // namespace gatehouse::emulator
