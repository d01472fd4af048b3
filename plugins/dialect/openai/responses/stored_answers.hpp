// SPDX-License-Identifier: Apache-2.0
// Responses to requests for a stored response: GET, DELETE, its input items, and cancel.
// Functions without state.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/stored.hpp"

#include <gatehouse/dialect.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// A reply of JSON with the status 200.
Parsed reply_with(std::string body);

using StoredReply = std::function<Result<Parsed>(const std::string& id, const StoredResponse& stored)>;

/// The reply to a request for the response `id`.  `verb` is the rest of the path: empty, "cancel" or
/// "input_items".  The error is not_found or bad_request.
Result<StoredReply> reply_for(const http::RequestHead& head, std::string_view id, std::string_view verb);

}  // namespace gatehouse::openai_dialect::responses
