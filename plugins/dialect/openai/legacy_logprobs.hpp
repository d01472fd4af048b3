// SPDX-License-Identifier: Apache-2.0
// Log probabilities as text completions have them: arrays side by side, with an
// element for each token, and where in the text it begins.  One for each choice
// of one answer.
#pragma once

#include "plugins/dialect/openai/pieces.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

/// How many characters `text` has.
std::int64_t characters(std::string_view text);

class LegacyLogprobs {
public:
    /// Takes out of a choice's members what an upstream of the same protocol has in
    /// its `logprobs` beside the tokens: the offsets of the next ones, and what nobody knows.
    void take(const Extra& extra);

    /// `begin`: where the first token of all begins, if the upstream does not say so.
    void add(const std::vector<TokenLogprob>& tokens, std::int64_t begin);

    bool empty() const { return tokens_.empty() && beside_.empty(); }

    /// Appends the object, or null if it is empty, and forgets it.
    void write(std::string& out);

private:
    std::string tokens_, logprobs_, top_, offsets_;  // elements with commas between them
    bool has_top_ = false;
    Unknown beside_;
    std::deque<std::int64_t> given_;    // of the next tokens
    std::optional<std::int64_t> next_;  // where the next token begins
};

}  // namespace gatehouse::openai_dialect
