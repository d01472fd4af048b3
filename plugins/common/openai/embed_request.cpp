// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/embed_request.hpp"

#include "plugins/common/openai/chat_messages.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_format {

std::string write_embeddings(const EmbeddingRequest& request) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("model", request.model).key("input").begin_array();
    for (const std::string& input : request.inputs) json.value(input);
    for (const JsonText& tokens : request.tokens) json.raw(tokens.text);
    json.end_array().member("encoding_format", "float").member("dimensions", request.dimensions);
    if (!request.input_type.empty()) json.member("input_type", request.input_type);
    if (!request.truncate.empty()) json.member("truncate", request.truncate);
    append_members(body, request.extra);
    json.end_object();
    return body;
}

std::string write_ranking(const RerankRequest& request) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("model", request.model).member("query", request.query);
    json.key("documents").begin_array();
    for (const std::string& document : request.documents) json.value(document);
    json.end_array().member("top_n", request.top_n);
    json.member("max_chunks_per_doc", request.max_chunks_per_document);
    json.member("max_tokens_per_doc", request.max_tokens_per_document);
    append_members(body, request.extra);
    json.end_object();
    return body;
}

}  // namespace gatehouse::openai_format
