// SPDX-License-Identifier: Apache-2.0
// The requests of clients: a chat, a count of its tokens, embeddings, a ranking, a list of
// models, or another operation by its name.
//
// Plain values, made by a dialect and read by the core and by providers.
#pragma once

#include "gatehouse/chat.hpp"

namespace gatehouse {

/// The tokens of a prompt are to be counted, and no answer is wanted.  Anthropic's
/// POST /v1/messages/count_tokens.
struct TokenCountRequest {
    ChatRequest chat = {};
};

struct EmbeddingRequest {
    std::string model = {};
    std::vector<std::string> inputs = {};  // texts, or data: URLs of images
    std::vector<JsonText> tokens = {};     // instead of `inputs`: an array of token ids for each input
    std::optional<std::int64_t> dimensions = {};
    std::string input_type = {};  // "search_document", "search_query", …; empty: not sent
    std::string truncate = {};    // "none", "start", "end"; empty: not sent
    /// Form of the vectors: "int8", "uint8", "binary" or "ubinary".  Empty: numbers, as `vector`.  A
    /// provider that lacks the form returns `unsupported`.
    std::string encoding = {};
    JsonText extra = {};  // members unknown to the dialect, as one object
};

/// The number of embeddings in the response.
inline std::size_t input_count(const EmbeddingRequest& request) {
    return request.tokens.empty() ? request.inputs.size() : request.tokens.size();
}

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

/// Any other operation.  A dialect and a provider agree on its name and on its bytes, which
/// the core passes on without reading them: a new operation needs no new alternative.
struct RawRequest {
    std::string operation = {};  // such as "moderations", "images/generations", "files"; from a fixed list
    std::string model = {};
    std::string protocol = "openai";  // as in ChatRequest
    std::string content_type = {};    // the body's; empty: there is no body
    std::string body = {};            // as received: the provider replaces the model in it, unless `stored`
    /// The request reads or changes objects that the upstream keeps, such as files.  `model` only selects the
    /// route, the body has none, and the request uses no tokens.
    bool stored = false;
    std::string method = "POST";
    std::string path = {};  // behind the operation's own: "/file-1/content".  Letters, digits and "/_-." only
    std::string query = {};  // without "?", as received
};

using Operation =
    std::variant<ChatRequest, TokenCountRequest, EmbeddingRequest, RerankRequest, ModelsRequest, RawRequest>;

/// The member `model` of any operation: the client's name of the model.
inline std::string_view model_of(const Operation& operation) {
    struct Visitor {
        std::string_view operator()(const ChatRequest& request) const { return request.model; }
        std::string_view operator()(const TokenCountRequest& request) const { return request.chat.model; }
        std::string_view operator()(const EmbeddingRequest& request) const { return request.model; }
        std::string_view operator()(const RerankRequest& request) const { return request.model; }
        std::string_view operator()(const ModelsRequest& request) const { return request.id; }
        std::string_view operator()(const RawRequest& request) const { return request.model; }
    };
    return std::visit(Visitor{}, operation);
}

}  // namespace gatehouse
