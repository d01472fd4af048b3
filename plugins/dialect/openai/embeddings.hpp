// SPDX-License-Identifier: Apache-2.0
// POST /v1/embeddings: parses the request and writes the list of vectors.
// parse_embeddings() is pure [any thread]; a formatter belongs to one attempt.
#pragma once

#include "plugins/dialect/openai/request_parser.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>

namespace gatehouse::openai_dialect {

struct ParsedEmbeddings {
    EmbeddingRequest request = {};
    bool base64 = false;  // the client wants each vector as little-endian float32 in base64
};

/// The error is bad_request with `param`.  The capacity of `body` may grow.
Result<ParsedEmbeddings> parse_embeddings(std::string& body, const Bounds& bounds);

/// Set when the request is parsed, so the same in every attempt.
struct EmbeddingFacts {
    std::string model = {};  // the client's name for it
    std::size_t inputs = 0;
    bool base64 = false;
    std::string encoding = {};  // the encoding that the request asks for
};

/// Writes a list of embeddings in the order of the inputs.  Events may arrive in any order.
std::unique_ptr<ResponseFormatter> embedding_formatter(std::shared_ptr<const EmbeddingFacts> facts);

}  // namespace gatehouse::openai_dialect
