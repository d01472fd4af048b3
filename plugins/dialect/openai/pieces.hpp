// SPDX-License-Identifier: Apache-2.0
// What whole answers and streams have in common: the facts that are fixed with
// the request, and the pieces of JSON that look the same in both.
#pragma once

#include "plugins/dialect/openai/reader.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect {

/// Fixed when the request was read, so the same in every attempt.
struct AnswerFacts {
    std::string id;            // "chatcmpl-…" or "cmpl-…"
    std::int64_t created = 0;  // Unix seconds
    std::string model;         // the client's name for it
    int choices = 1;           // how many the client asked for
    bool include_usage = false;
    bool functions = false;  // the client expects `function_call`, see ParsedChat
    // Of a text completion:
    bool logprobs = false;               // the client asked for them
    std::int64_t prompt_characters = 0;  // of the prompt that the answer's text goes on from
};

/// What the formatters of chats and of texts keep of each choice.
struct ChoiceState {
    std::optional<FinishReason> finish = {};
    bool called = false;  // it has a tool call
    Unknown beside = {};  // members beside its own
};

/// More choices than a client may ask for are not kept.
inline bool is_choice(int index, const AnswerFacts& facts) {
    return index >= 0 && index < std::max(128, facts.choices);
}

/// `prefix` and 29 random letters and digits: unlike any other, but no secret.
std::string random_id(std::string_view prefix);

void append_number(std::string& out, std::int64_t number);

/// OpenAI's word.  `called`: the choice has a tool call, which decides unless
/// the answer was cut.
std::string_view finish_word(FinishReason reason, bool called, bool functions);

/// The object of `usage`.
void append_usage(std::string& out, const Usage& usage);
/// The elements of logprobs.content, with commas between them.
void append_logprobs(std::string& out, const std::vector<TokenLogprob>& tokens);
/// The members of `extra` without line ends, which would end an event of a stream: JSON
/// has them between its tokens only, where a blank does as well.
std::string members_on_one_line(const Extra& extra);
/// Adds the members that an upstream has put at `extra.place`, but for those which
/// a formatter writes there by itself.
void add_members(Unknown& to, const Extra& extra);
/// Appends what has been added, each with a comma before it; nothing is left.
void append_members(std::string& out, Unknown& members);

/// One element of annotations.
void append_annotation(std::string& out, const Citation& citation);

}  // namespace gatehouse::openai_dialect
