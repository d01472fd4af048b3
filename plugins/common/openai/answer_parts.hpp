// SPDX-License-Identifier: Apache-2.0
// Optional parts of a response.  A part with a wrong type is dropped; it does not fail the
// response.  Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_format {

std::optional<Usage> read_usage(upstream::dom::element usage);

/// The list `content` or `refusal` in `logprobs` of a choice.
std::vector<TokenLogprob> read_logprobs(upstream::dom::object logprobs, std::string_view list);

/// Emits `annotations` of a message: citations of a URL as Citation, others as Extra.
void emit_annotations(upstream::dom::element annotations, int choice, EventSink& events);

}  // namespace gatehouse::openai_format
