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

/// What an answer can cite: a document, or a tool's result.
struct Source {
    std::string id;
    Json content;
    bool tool = false;
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

    Json envelope = {};             // of answers on the OpenAI-compatible surface; null: native
    Json unknown = Json::object();  // what a request on that surface has and OpenAI's have not

    bool cites = false;  // says where the user's text or a tool's came from
    std::vector<Source> sources = {};
    Json history = Json::array();  // COHERE: what the answer repeats, this turn's message included
    std::string echo = {};         // COHERE: the prompt, where isEcho asks for it
    bool search_queries_only = false;

    std::string user_text = {};      // of the last user message
    std::string new_user_text = {};  // of all user messages after the last assistant message, by LF
    std::vector<std::string> tool_results = {};  // after the last assistant message
    std::vector<std::string> images = {};        // after the last assistant message: URLs
    std::int64_t prompt_words = 0;
};

/// What a COHERE request asks, once its common members have been read (cohere_call.cpp).
void read_cohere(const Json& request, ChatCall& call);
/// The same for COHEREV2.
void read_cohere_v2(const Json& request, ChatCall& call);
/// The messages of GENERIC and COHEREV2, which differ in what the checks look at only.
void read_messages(const Json& messages, ChatCall& call);
std::int64_t count_words(std::string_view text);

/// REQUIRES: check_chat() has accepted `details` and found `model`.
ChatCall read_call(const Json& details, const Model& model);

/// `text` as the model says it: each word with the blanks before it.  Joined, they are `text`.
std::vector<std::string> words_of(std::string_view text);

}  // namespace gatehouse::emulator
