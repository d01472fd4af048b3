// SPDX-License-Identifier: Apache-2.0
// Parses the body of POST /v1/responses.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <vector>

namespace gatehouse::openai_dialect::responses {

/// The word of this protocol in ChatRequest::protocol.
inline constexpr std::string_view protocol = "responses";

struct ParsedResponse {
    ChatRequest request = {};
    /// Without id, time and host.
    ResponseFacts facts = {};
    std::vector<std::string> dropped = {};  // types of tools and items that no upstream has
};

/// The error is bad_request, unsupported or not_found, with `param`.  The request may share the
/// body.
Result<ParsedResponse> parse_response(std::string body, const Bounds& bounds);

}  // namespace gatehouse::openai_dialect::responses
