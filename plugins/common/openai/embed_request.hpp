// SPDX-License-Identifier: Apache-2.0
// Writes embedding requests and rankings as the bodies of /embeddings and /rerank.  Unknown
// members are forwarded.  Functions without state: any thread.
#pragma once

#include <gatehouse/operation.hpp>

#include <string>

namespace gatehouse::openai_format {

/// Always requests floats; the dialect applies the client's encoding.
std::string write_embeddings(const EmbeddingRequest& request);

std::string write_ranking(const RerankRequest& request);

}  // namespace gatehouse::openai_format
