// SPDX-License-Identifier: Apache-2.0
// Readers for the parts of a response that all of OCI's chat formats share: usage,
// times, finish reasons, log probabilities, citations.  Optional details of a
// wrong type are omitted, so that the response is not lost.  Stateless functions:
// any thread.
#pragma once

#include "plugins/provider/oci/chat/tool_calls.hpp"
#include "plugins/provider/oci/tree.hpp"

#include <gatehouse/event.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// An upstream error for a response that does not have the form of OCI's
/// responses.
Error garbage(std::string_view what);

/// An upstream error for a response that ended too early.
Error unfinished();

/// Returns the member `key`, empty if missing.  Another type than string is an
/// error, because the member is part of the answer.
Result<std::string_view> words(dom::object object, std::string_view key);

/// Returns the member `key` of a tool call as JSON text.  Models send text or an
/// object.
Result<std::string> read_arguments(dom::object call, std::string_view key);

/// A piece of a tool call that has its unknown members only.
upstream::ToolCallPiece further_members_of(dom::object call);

std::optional<Usage> read_usage(dom::element usage);

/// Reads `timeCreated`: RFC 3339 or Unix seconds.  Returns 0 for other values.
std::int64_t read_time(dom::element time);

/// Returns `modelId` of a complete response, or an empty text.
std::string read_model(dom::object response);

/// Returns OpenAI's value of `serviceTier`.
std::string read_service_tier(dom::element tier);

/// Reads OCI's finish reasons in upper or lower case.  Returns an error for
/// reasons that report a failure of the model.
Result<FinishReason> read_finish_reason(std::string_view reason);

/// Reads `logprobs` of GENERIC.  Returns an empty list for {}.
std::vector<TokenLogprob> read_logprobs(dom::element logprobs);

/// Reads `finishReason` and `errorMessage` of Cohere's responses.  A null
/// `finishReason` is a normal end.
Result<Finish> read_cohere_finish(dom::object answer);

/// Replaces the finish reason so far by a later one, unless it says more than
/// "stop".
void keep_finish(std::optional<Finish>& so_far, const Finish& later);

/// Emits the `annotations` of a message: citations of URLs, and others as they came.
void emit_annotations(dom::element annotations, int choice, EventSink& events);

}  // namespace gatehouse::oci
