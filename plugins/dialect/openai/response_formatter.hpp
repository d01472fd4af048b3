// SPDX-License-Identifier: Apache-2.0
// Formatters of chats, text completions and lists of models.  One formatter per attempt, one
// thread at a time.
#pragma once

#include "plugins/dialect/openai/pieces.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>

namespace gatehouse::openai_dialect {

/// A chat.completion, complete at end().
std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts);

/// chat.completion.chunks for every client: one id, the role first, one finish per choice,
/// which is delayed until usage or the end arrives, then [DONE].
std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts);

/// A text_completion, complete at end().
std::unique_ptr<ResponseFormatter> whole_text_formatter(std::shared_ptr<const AnswerFacts> facts);

/// A streaming text completion, with the same rules as for chats.
std::unique_ptr<ResponseFormatter> text_stream_formatter(std::shared_ptr<const AnswerFacts> facts);

/// All models, or the model `id`.
std::unique_ptr<ResponseFormatter> models_formatter(std::string id);

}  // namespace gatehouse::openai_dialect
