// SPDX-License-Identifier: Apache-2.0
// Messages of the roles system and developer.  Those before the conversation are the member
// `system`.  A later one keeps its place, because `system` is at the start of the prompt: a
// cache of prompts would lose the whole conversation.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/anthropic/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::anthropic {

bool is_system(Role role);

/// Number of messages before the conversation.
std::size_t leading_system(const ChatRequest& request);

/// Whether a system message stands inside the conversation and has text.
bool has_inner_system(const ChatRequest& request);

/// Whether a header `anthropic-beta`, `configured` or the client's, has the beta in which the API takes the
/// role system inside a conversation.
bool allow_inner_system(std::string_view configured, const std::vector<std::string>& betas);

/// Writes the member `system` with `more` at its end.  Omits the member if it has no block.
Result<void> write_system(JsonWriter& json, const ChatRequest& request, std::string_view more);

/// Writes the texts of the system message `index`.  Calls `begin` before each block.
Result<void> write_system_texts(JsonWriter& json, const ChatRequest& request, std::size_t index,
                                const std::function<void()>& begin);

/// The path of a content part in the client's request.
std::string part_path(std::size_t message, std::size_t part);

/// Number of parts of `message` up to the last part that becomes a block.
std::size_t written_parts(const Message& message);

}  // namespace gatehouse::anthropic
