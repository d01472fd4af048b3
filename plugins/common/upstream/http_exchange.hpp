// SPDX-License-Identifier: Apache-2.0
// Base class of the exchanges of oci, openai and anthropic: the SDK's, with bodies that are
// compressed although the gateway has requested identity.
#pragma once

#include "plugins/common/upstream/content_decoder.hpp"

#include <gatehouse/upstream.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// One thread at a time.
class HttpExchange : public UpstreamExchange {
public:
    void head(const http::ResponseHead& head) final;
    Result<void> body(std::string_view bytes, EventSink& events) final;

protected:
    using UpstreamExchange::UpstreamExchange;

    /// Adds the headers for a JSON response, and `body`, a JSON document, if it is not empty.
    static http::Request for_document(http::Request request, std::string body = {});

    Result<void> on_end(EventSink& events) override = 0;
    Error on_failure() override = 0;

    /// Head of the last response.  Its status is 0 before a response.
    const http::ResponseHead& answer_head() const { return response_head(); }

private:
    Error undecodable() const;

    ContentDecoder decoder_;
};

}  // namespace gatehouse::upstream
