// SPDX-License-Identifier: Apache-2.0
// Embeddings and rankings of our vocabulary as the bodies of OpenAI's /embeddings, and
// of the /rerank that goes with it; members that nobody here knows go through.
// Functions without state: any thread.
#pragma once

#include <gatehouse/operation.hpp>

#include <string>

namespace gatehouse::openai_format {

/// Asks for floats, whatever the client's encoding is: the dialect encodes.
std::string write_embeddings(const EmbeddingRequest& request);

std::string write_ranking(const RerankRequest& request);

}  // namespace gatehouse::openai_format
