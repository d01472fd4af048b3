// SPDX-License-Identifier: Apache-2.0
// The answer of an upstream that speaks OpenAI's older text completions, whole
// or as a stream, as events of our vocabulary; feed it by an AnswerStream.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"

#include <memory>
#include <string_view>

namespace gatehouse::openai_format {

/// `who` is named in messages, and outlives the reader.  `whole`: no stream was
/// asked for.  Members that no event tells are emitted as Extra, of `logprobs` too.
std::unique_ptr<upstream::AnswerReader> make_text_reader(std::string_view who, bool whole);

}  // namespace gatehouse::openai_format
