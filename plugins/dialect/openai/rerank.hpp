// SPDX-License-Identifier: Apache-2.0
// POST /v1/rerank and /v2/rerank in the shapes of Cohere and Jina: reads the
// request, writes the ranking.  parse_rerank() is pure [any thread]; a
// formatter belongs to one attempt.
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::openai_dialect {

struct ParsedRerank {
    RerankRequest request = {};
    /// The documents as JSON objects, to be put into the answer; empty unless the
    /// client wants them back.
    std::vector<std::string> returned = {};
};

/// The error is bad_request, with `param`.  `body` may get more capacity.
Result<ParsedRerank> parse_rerank(std::string& body, const Bounds& bounds);

/// Fixed when the request was read, so the same in every attempt.
struct RankingFacts {
    std::string id = {};
    std::string model = {};  // the client's name for it
    int version = 1;         // of Cohere's API, by the path
    std::size_t documents = 0;
    std::vector<std::string> returned = {};  // as in ParsedRerank
};

std::unique_ptr<ResponseFormatter> ranking_formatter(std::shared_ptr<const RankingFacts> facts);

}  // namespace gatehouse::openai_dialect
