// SPDX-License-Identifier: Apache-2.0
// The dialect: its paths, and the parser and formatter of each.  Immutable after
// construction.  [any thread]
#pragma once

#include "plugins/dialect/anthropic/options.hpp"
#include "plugins/dialect/anthropic/request_parser.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::anthropic_dialect {

class Anthropic final : public Dialect {
public:
    Anthropic(Options options, Host& host);

    std::vector<Endpoint> endpoints() const override;
    Result<Parsed> parse(const http::RequestHead& head, std::string body) override;
    http::Response error(const Error& error) const override;
    void limits(const Standing& standing, http::Headers& headers) const override;
    std::string request_id_header() const override { return "request-id"; }

private:
    Result<Parsed> parse_chat(const http::RequestHead& head, std::string body) const;
    Result<Parsed> parse_count(const http::RequestHead& head, std::string body) const;
    Result<Parsed> parse_model(std::string_view encoded_id) const;
    Result<ParsedMessage> parse_body(const http::RequestHead& head, std::string body, bool counts) const;
    Result<void> check_version(const http::Headers& headers) const;

    const Options options_;
    const Bounds bounds_;
    Host& host_;
};

}  // namespace gatehouse::anthropic_dialect
