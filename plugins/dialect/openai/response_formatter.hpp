// SPDX-License-Identifier: Apache-2.0
// Writes the answers of chats and of text completions, and the list of models.  One
// formatter belongs to one attempt; its members are never called at once.
#pragma once

#include "plugins/dialect/openai/pieces.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>

namespace gatehouse::openai_dialect {

/// A chat.completion, complete at end().
std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts);

/// chat.completion.chunks that satisfy every client: one id, role first, one
/// finish per choice, held back until usage or the end has come, then [DONE].
std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts);

/// A text_completion, complete at end().
std::unique_ptr<ResponseFormatter> whole_text_formatter(std::shared_ptr<const AnswerFacts> facts);

/// A stream of them, in the manner of chats.
std::unique_ptr<ResponseFormatter> text_stream_formatter(std::shared_ptr<const AnswerFacts> facts);

/// All models, or the one of `id`.
std::unique_ptr<ResponseFormatter> models_formatter(std::string id);

}  // namespace gatehouse::openai_dialect
