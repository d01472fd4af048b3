// SPDX-License-Identifier: Apache-2.0
// Converts a response of OpenAI's older text completions, streaming or non-streaming, into
// the SDK's events.  Feed it with an AnswerStream.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"

#include <memory>
#include <string_view>

namespace gatehouse::openai_format {

/// `who` is the upstream's name in messages.  REQUIRES: it outlives the reader.  `whole`: a
/// non-streaming response was requested.  Unknown members, also of `logprobs`, are emitted
/// as Extra.  `wants_usage`: as for a chat.
std::unique_ptr<upstream::AnswerReader> make_text_reader(std::string_view who, bool whole,
                                                         bool wants_usage = false);

}  // namespace gatehouse::openai_format
