// SPDX-License-Identifier: Apache-2.0
// The model's view of a chat request that passed its checks.  Plain values, one
// thread at a time.
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

/// A source of citations: a document or a tool's result.
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
    int top_logprobs = 0;   // 0: not requested
    bool reasons = false;   // shows its reasoning
    bool searches = false;  // Google: the answer has groundingMetadata

    std::vector<ToolOffer> tools = {};
    enum class Choice { automatic, none, required, named } choice = Choice::automatic;
    std::string chosen_tool = {};
    bool parallel = true;

    bool wants_json = false;
    Json schema = {};  // schema of JSON_SCHEMA; null: any object

    Json envelope = {};        // envelope of responses on the OpenAI-compatible surface; null: native
    bool is_response = false;  // the envelope is that of the Responses API
    bool encrypts = false;     // there: thoughts have an encrypted_content
    std::vector<std::string> custom_tools = {};  // there: tools whose input is free text
    Json unknown = Json::object();  // members of a request on that surface that OpenAI's API lacks

    bool cites = false;  // cites the sources of the text
    std::vector<Source> sources = {};
    Json history = Json::array();  // COHERE: history that the response repeats, including this turn's message
    std::string echo = {};         // COHERE: the prompt if isEcho is set
    bool search_queries_only = false;

    std::string user_text = {};      // text of the last user message
    std::string new_user_text = {};  // all user messages after the last assistant message, joined by LF
    std::vector<std::string> tool_results = {};  // after the last assistant message
    std::vector<std::string> images = {};        // after the last assistant message: URLs
    std::int64_t prompt_words = 0;
};

/// Reads a COHERE request's own members, after the common ones (cohere_call.cpp).
void read_cohere(const Json& request, ChatCall& call);
/// Reads a COHEREV2 request's own members.
void read_cohere_v2(const Json& request, ChatCall& call);
/// Reads the messages of GENERIC and COHEREV2, which differ only in their checks.
void read_messages(const Json& messages, ChatCall& call);
std::int64_t count_words(std::string_view text);

/// REQUIRES: check_chat() has accepted `details` and found `model`.
ChatCall read_call(const Json& details, const Model& model);

/// Splits `text` into words with the blanks before them.  Joined, they are `text`.
std::vector<std::string> words_of(std::string_view text);

}  // namespace gatehouse::emulator
