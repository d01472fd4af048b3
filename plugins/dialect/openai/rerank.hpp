// SPDX-License-Identifier: Apache-2.0
// POST /v1/rerank and /v2/rerank in the formats of Cohere and Jina: parses the request and
// writes the ranking.  parse_rerank() is pure [any thread]; a formatter belongs to one
// attempt.
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

struct ParsedRerank {
    RerankRequest request = {};
    /// The documents as JSON objects for the response.  Empty unless the client requested
    /// them.
    std::vector<std::string> returned = {};
};

/// The error is bad_request with `param`.  The capacity of `body` may grow.
Result<ParsedRerank> parse_rerank(std::string& body, const Bounds& bounds);

/// Set when the request is parsed, so the same in every attempt.
struct RankingFacts {
    std::string id = {};
    std::string model = {};  // the client's name for it
    int version = 1;         // version of Cohere's API, from the path
    std::size_t documents = 0;
    std::vector<std::string> returned = {};  // as in ParsedRerank
};

std::unique_ptr<ResponseFormatter> ranking_formatter(std::shared_ptr<const RankingFacts> facts);

}  // namespace gatehouse::openai_dialect
