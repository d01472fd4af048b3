// SPDX-License-Identifier: Apache-2.0
// The paths of the Responses API: responses are created, read and deleted.  Immutable after
// construction.  [any thread]
#pragma once

#include "plugins/dialect/openai/options.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/request.hpp"
#include "plugins/dialect/openai/responses/stored.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::openai_dialect::responses {

class ResponsesEndpoint {
public:
    ResponsesEndpoint(const Options& options, const Bounds& bounds, Host& host);

    /// `path` follows "/responses": empty, or an id and perhaps a verb.
    Result<Parsed> parse(const http::RequestHead& head, std::string_view path, std::string body) const;

private:
    using Body = std::shared_ptr<std::string>;
    using Earlier = std::shared_ptr<Recalled>;

    enum class Purpose { create, count, compact };

    Result<Parsed> create(Purpose purpose, const Body& body, const Earlier& earlier) const;
    Result<Parsed> recall(std::vector<std::string> ids, Purpose purpose, const Body& body,
                          const Earlier& earlier) const;
    Parsed answer(Purpose purpose, ParsedResponse parsed) const;
    Result<Parsed> find(const http::RequestHead& head, std::string_view path) const;

    const std::chrono::milliseconds keep_for_;
    const std::size_t max_kept_bytes_, max_chain_;
    const Bounds bounds_;
    Host& host_;
};

}  // namespace gatehouse::openai_dialect::responses
