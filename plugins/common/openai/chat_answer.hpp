// SPDX-License-Identifier: Apache-2.0
// The answer of an upstream that speaks OpenAI's Chat Completions, whole or as
// a stream of chunks, as events of our vocabulary; feed it by an AnswerStream.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"

#include <memory>
#include <string_view>

namespace gatehouse::openai_format {

/// `who` is named in messages, such as "OCI", and outlives the reader.  Members that
/// no event tells are emitted as Extra.  An answer is complete when each choice has
/// a finish reason, or the upstream has said [DONE].
std::unique_ptr<upstream::AnswerReader> make_reader(std::string_view who);

}  // namespace gatehouse::openai_format
