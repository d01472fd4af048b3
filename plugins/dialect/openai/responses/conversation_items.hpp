// SPDX-License-Identifier: Apache-2.0
// Reads the items and the metadata that a client gives to a conversation.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/conversation.hpp"

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// A body with `items`, `metadata` or both.
struct ConversationBody {
    std::string metadata = {};  // as JSON; empty: absent
    bool has_items = false;
    std::string items = {};  // elements, as JSON, with new ids
    std::string first_id = {}, last_id = {};
};

/// Each item is checked as one of a request is, after the items of `history`, and stays as it is but for
/// its id, its status, and a text that becomes a list of parts.  `id` is that of the conversation;
/// null `history`: the conversation is new.  The error is bad_request, unsupported or not_found.
Result<ConversationBody> read_conversation_body(std::string body, const Bounds& bounds, std::string_view id,
                                                const StoredConversation* history);

}  // namespace gatehouse::openai_dialect::responses
