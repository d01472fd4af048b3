// SPDX-License-Identifier: Apache-2.0
// The requests of clients: a chat, embeddings, a ranking, a list of models.
//
// Plain values, made by a dialect and read by the core and by providers.
#pragma once

#include "gatehouse/chat.hpp"

namespace gatehouse {

struct EmbeddingRequest {
    std::string model = {};
    std::vector<std::string> inputs = {};  // texts, or data: URLs of images
    std::optional<std::int64_t> dimensions = {};
    std::string input_type = {};  // "search_document", "search_query", …; empty: not sent
    std::string truncate = {};    // "none", "start", "end"; empty: not sent
    JsonText extra = {};          // members unknown to the dialect, as one object
};

struct RerankRequest {
    std::string model = {};
    std::string query = {};
    std::vector<std::string> documents = {};
    std::optional<std::int64_t> top_n = {};
    std::optional<std::int64_t> max_chunks_per_document = {}, max_tokens_per_document = {};
    JsonText extra = {};
};

/// A list of models.  The core answers it with the mapper.
struct ModelsRequest {
    std::string id = {};  // only this model, or not_found; empty: all
};

using Operation = std::variant<ChatRequest, EmbeddingRequest, RerankRequest, ModelsRequest>;

/// The member `model` of any operation: the client's name of the model.
inline std::string_view model_of(const Operation& operation) {
    struct Visitor {
        std::string_view operator()(const ChatRequest& request) const { return request.model; }
        std::string_view operator()(const EmbeddingRequest& request) const { return request.model; }
        std::string_view operator()(const RerankRequest& request) const { return request.model; }
        std::string_view operator()(const ModelsRequest& request) const { return request.id; }
    };
    return std::visit(Visitor{}, operation);
}

}  // namespace gatehouse
