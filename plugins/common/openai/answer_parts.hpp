// SPDX-License-Identifier: Apache-2.0
// The ornaments of an answer: what is left out where it has a wrong type, since
// it is no reason to lose the answer.  Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_format {

std::optional<Usage> read_usage(upstream::dom::element usage);

/// `logprobs` of a choice.
std::vector<TokenLogprob> read_logprobs(upstream::dom::element logprobs);

/// `annotations` of a message: those that are citations of a URL.
std::vector<Citation> read_citations(upstream::dom::element annotations, int choice);

/// OpenAI's words, and those of some servers that speak like it; nothing for
/// one that says that the model failed.
std::optional<FinishReason> read_finish_reason(std::string_view word);

/// The members of `object` whose names are not `known`, as the text of one object;
/// empty if there are none.  Those that are null say nothing.
std::string unknown_members(upstream::dom::object object, std::initializer_list<std::string_view> known);

}  // namespace gatehouse::openai_format
