// SPDX-License-Identifier: Apache-2.0
// The parts of an answer that all chat formats of OCI share: usage, times,
// finish reasons, log probabilities, citations.  What is an ornament to the
// answer is left out where it has a wrong type; it is no reason to lose the answer.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/event.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// An error of the upstream that says "the answer is not what OCI's answers look like".
Error garbage(std::string_view what);

/// The same of an answer that ended too early.
Error unfinished();

/// The member `key`, which must be a string if it is there: it is part of the answer.
Result<std::string_view> words(dom::object object, std::string_view key);

/// The member `key` of a tool call as JSON text; some send text, some an object.
Result<std::string> read_arguments(dom::object call, std::string_view key);

std::optional<Usage> read_usage(dom::element usage);

/// `timeCreated`: RFC 3339, or Unix seconds.  0: neither.
std::int64_t read_time(dom::element time);

/// `serviceTier` in OpenAI's words.
std::string read_service_tier(dom::element tier);

/// OCI's finish reasons in any case; an error for those that say the model failed.
Result<FinishReason> read_finish_reason(std::string_view reason);

/// `logprobs` of GENERIC; empty for {}.
std::vector<TokenLogprob> read_logprobs(dom::element logprobs);

/// The `finishReason` of Cohere's answers, where null is a normal end, and the
/// `errorMessage` beside it.
Result<FinishReason> read_cohere_finish(dom::object answer);

/// `annotations` of a message.
std::vector<Citation> read_citations(dom::element annotations, int choice);

}  // namespace gatehouse::oci
