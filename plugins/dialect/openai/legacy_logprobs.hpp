// SPDX-License-Identifier: Apache-2.0
// Log probabilities in the format of text completions: parallel arrays with an element for
// each token and its offset in the text.  One instance per choice of a response.
#pragma once

#include "plugins/dialect/openai/pieces.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

class LegacyLogprobs {
public:
    /// Removes from a choice's members those of an OpenAI-compatible upstream's `logprobs`:
    /// the offsets of the next tokens, and unknown members, also those of the tokens' alternatives.
    void take(const Extra& extra);

    /// `begin`: offset of the first token, used if the upstream does not send it.
    void add(const std::vector<TokenLogprob>& tokens, std::int64_t begin);

    bool empty() const { return tokens_.empty() && beside_.empty(); }

    /// Appends the object, or null if it is empty, and clears it.
    void write(std::string& out);

private:
    bool take_member(std::string_view name, json::Value& member);
    void add_top(const std::vector<TokenLogprob::Alternative>& top);

    std::string tokens_, logprobs_, top_, offsets_;  // elements, separated by commas
    bool has_top_ = false;
    Unknown beside_;
    std::deque<std::int64_t> given_;    // offsets of the next tokens
    std::deque<JsonText> given_tops_;   // unknown members of their alternatives
    std::optional<std::int64_t> next_;  // offset of the next token
};

}  // namespace gatehouse::openai_dialect
