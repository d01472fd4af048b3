// SPDX-License-Identifier: Apache-2.0
// POST /v1/responses/compact: the model summarizes a conversation.  The client sends the
// output as the input of its next request.  POST /v1/responses/input_tokens: the tokens of
// a request are counted.  One formatter per attempt, one thread at a time.
#pragma once

#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// Makes `request` ask for a summary.  Tools and the format of the answer do not apply to it.
void ask_for_summary(ChatRequest& request);

/// The messages of the user as items, separated by commas.  Tools that came as items are there too.
std::string user_items(const ChatRequest& request, const ResponseFacts& facts);

/// `users`: see user_items().
std::unique_ptr<ResponseFormatter> compact_formatter(std::shared_ptr<const ResponseFacts> facts,
                                                     std::string users);

std::unique_ptr<ResponseFormatter> token_count_formatter();

/// The user's message that stands for a `compaction` item.  Returns nothing if another gateway made it.
std::optional<Message> summary_message(std::string_view encrypted_content);

}  // namespace gatehouse::openai_dialect::responses
