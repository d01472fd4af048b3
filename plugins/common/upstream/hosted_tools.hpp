// SPDX-License-Identifier: Apache-2.0
// Tools that an upstream of OpenAI's Responses API runs itself, and other items of that API without
// a counterpart, in a request for an upstream of another API.  The dialect passes them as Tool::json and
// OtherPart.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::upstream {

/// Whether `request`, of a client of the Responses API, has such tools or items.
bool has_hosted(const ChatRequest& request);

/// The error is unsupported: the answer would be wrong without one of the tools, the client requires a call
/// of one, or nothing is left of the input without the items.
Result<void> check_hosted(const ChatRequest& request);

/// Removes them from a client's request.  Returns their names for the log.
std::vector<std::string> leave_out_hosted(ChatRequest& request);

}  // namespace gatehouse::upstream
