// SPDX-License-Identifier: Apache-2.0
// The dialect: its paths, and the parser and formatter of each.  Immutable after
// construction.  [any thread]
#pragma once

#include "plugins/dialect/openai/options.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/conversations.hpp"
#include "plugins/dialect/openai/responses/endpoint.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::openai_dialect {

class OpenAi final : public Dialect {
public:
    OpenAi(Options options, Host& host);

    std::vector<Endpoint> endpoints() const override;
    Result<Parsed> parse(const http::RequestHead& head, std::string body) override;
    http::Response error(const Error& error) const override;
    void limits(const Standing& standing, http::Headers& headers) const override;

private:
    Result<Parsed> parse_chat_completion(const http::RequestHead& head, std::string body) const;
    Result<Parsed> parse_text_completion(const http::RequestHead& head, std::string body) const;
    Result<Parsed> parse_embedding(const http::RequestHead& head, std::string body) const;
    Result<Parsed> parse_ranking(const http::RequestHead& head, std::string body, int version) const;
    Result<Parsed> parse_raw(const http::RequestHead& head, std::string body,
                             std::string_view operation) const;
    Result<Parsed> parse_stored(const http::RequestHead& head, std::string_view operation,
                                std::string_view path, std::string body) const;
    Result<Parsed> parse_models(std::string_view encoded_id) const;

    std::int64_t seconds_now() const;
    AnswerFacts facts_of(const ChatRequest& request, std::string_view id_prefix) const;

    const Options options_;
    const std::string second_rerank_;  // the path of Cohere's second version
    const Bounds bounds_;
    const responses::ResponsesEndpoint responses_;
    const responses::ConversationsEndpoint conversations_;
    Host& host_;
};

}  // namespace gatehouse::openai_dialect
