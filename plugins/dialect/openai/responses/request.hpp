// SPDX-License-Identifier: Apache-2.0
// Parses the body of POST /v1/responses.  Pure functions.  [any thread]
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect::responses {

/// The word of this protocol in ChatRequest::protocol.
inline constexpr std::string_view protocol = "responses";

class Recalled;

struct ParsedResponse {
    /// Ids of records to be recalled, after which the body is parsed again.  If there are any,
    /// no other member is set.
    std::vector<std::string> wanted = {};

    ChatRequest request = {};
    /// Without id, time and host.
    ResponseFacts facts = {};
    std::vector<std::string> passed_items = {};  // types of items that only this API has
};

/// The error is bad_request, unsupported or not_found, with `param`.  The request may share the
/// body.  `recalled` has the records of earlier responses; null: there is no store.
Result<ParsedResponse> parse_response(const std::shared_ptr<std::string>& body, const Bounds& bounds,
                                      const Recalled* recalled);

}  // namespace gatehouse::openai_dialect::responses
