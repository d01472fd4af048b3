// SPDX-License-Identifier: Apache-2.0
// Converts a response of OpenAI's Chat Completions, streaming or non-streaming, into the
// SDK's events.  Feed it with an AnswerStream.
#pragma once

#include "plugins/common/upstream/answer_stream.hpp"

#include <memory>
#include <string_view>

namespace gatehouse::openai_format {

/// `who` is the upstream's name in messages, such as "OCI".  REQUIRES: it outlives the
/// reader.  Unknown members are emitted as Extra.  A response is complete when each choice
/// has a finish reason, or the upstream has sent [DONE].  `wants_usage`: the client and the request to
/// the upstream have asked for usage, so that a stream waits longer for it.
std::unique_ptr<upstream::AnswerReader> make_reader(std::string_view who, bool wants_usage = false);

}  // namespace gatehouse::openai_format
