// SPDX-License-Identifier: Apache-2.0
// Code that streaming and non-streaming responses share: values set by the request, and
// common pieces of JSON.
#pragma once

#include "plugins/common/client/random_id.hpp"
#include "plugins/dialect/openai/reader.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect {

/// Set when the request is parsed, so the same in every attempt.
struct AnswerFacts {
    std::string id;            // "chatcmpl-…" or "cmpl-…"
    std::int64_t created = 0;  // Unix seconds
    std::string model;         // the client's name for it
    int choices = 1;           // number of choices that the client requested
    bool include_usage = false;
    bool functions = false;  // the client expects `function_call`, see ToolNames
    // For a text completion:
    bool logprobs = false;               // the client asked for them
    std::int64_t prompt_characters = 0;  // length of the prompt that the text continues
};

/// State of a choice in the formatters of chats and of texts.
struct ChoiceState {
    std::optional<FinishReason> finish = {};
    bool called = false;  // it has a tool call
    Unknown beside = {};  // unknown members
};

/// Choices above the highest `n` of a client are dropped.
inline bool is_choice(int index, const AnswerFacts& facts) {
    return index >= 0 && index < std::max(128, facts.choices);
}

using client::random_id;
using client::secret_id;

/// The head of a response that is a stream of events.
http::ResponseHead event_stream_head();

void append_number(std::string& out, std::int64_t number);

/// OpenAI's word for a finish reason.  `called`: the choice has a tool call.  A tool call
/// decides unless the answer was cut.
std::string_view finish_word(FinishReason reason, bool called, bool functions);

/// The object of `usage`.
void append_usage(std::string& out, const Usage& usage);
/// The elements of logprobs.content or logprobs.refusal, separated by commas.
void append_logprobs(std::string& out, const std::vector<TokenLogprob>& tokens);
/// Appends the members of `object` on one line to an object that `out` ends with, with commas.
/// Appends nothing if it is not a JSON object.
void append_extra(std::string& out, const JsonText& object);

/// Replaces the line ends of `json` from index `begin` on with blanks, because a line end would end an
/// event.  JSON has line ends only between tokens.
void replace_line_ends(std::string& json, std::size_t begin);
std::string on_one_line(std::string_view json);
/// The members of `extra` on one line.  Empty if they belong to another protocol.
std::string members_on_one_line(const Extra& extra);
/// Adds the upstream's members at `extra.place`, except those that a formatter writes
/// itself.
void add_members(Unknown& to, const Extra& extra);
/// Appends and removes the added members, each with a comma before it.
void append_members(std::string& out, Unknown& members);

/// The elements of `annotations` among the members of a message, separated by commas: those
/// that are not citations of a URL.
std::string annotations_in(const Extra& extra);
/// One element of annotations.
void append_annotation(std::string& out, const Citation& citation);

}  // namespace gatehouse::openai_dialect
