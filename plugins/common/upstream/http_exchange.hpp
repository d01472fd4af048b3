// SPDX-License-Identifier: Apache-2.0
// Base class of all providers' exchanges.  It separates successful responses from errors
// and limits the size of both.
#pragma once

#include "plugins/common/upstream/content_decoder.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/provider.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// One thread at a time.
class HttpExchange : public Exchange {
public:
    void head(const http::ResponseHead& head) final {
        head_ = head;
        const std::string_view coding = head.headers.get("content-encoding");
        decoder_ = coding.empty() ? ContentDecoder() : ContentDecoder(coding);
    }
    Result<void> body(std::string_view bytes, EventSink& events) final;
    Result<void> end(EventSink& events) final;

protected:
    /// REQUIRES: both outlive it.  `who` is the upstream's name in messages, such as "OCI".
    HttpExchange(Host& host, std::string_view who) : host_(host), who_(who) {}

    /// Discards the last response and begins a request.
    http::Request begin(std::string_view method, std::string url);
    /// Adds the headers for a JSON response, and `body`, a JSON document, if it is not empty.
    static http::Request for_document(http::Request request, std::string body = {});

    /// Bytes of a successful response, decompressed.  No bytes: the upstream is silent.  By default they are
    /// appended to `document_`, up to max_response_bytes.
    virtual Result<void> on_body(std::string_view bytes, EventSink& events);
    /// A successful response is complete.
    virtual Result<void> on_end(EventSink& events) = 0;
    /// The response's status is not 2xx.  Returns the error for the client.
    virtual Error on_failure() = 0;

    /// Head of the last response.  Its status is 0 before a response.
    const http::ResponseHead& answer_head() const { return head_; }
    /// The beginning of the body of an error response.
    const std::string& error_body() const { return error_body_; }

    std::string document_;

private:
    Error undecodable() const;
    bool good() const { return head_.status >= 200 && head_.status < 300; }

    Host& host_;
    const std::string_view who_;
    http::ResponseHead head_;
    ContentDecoder decoder_;
    std::string error_body_;
};

}  // namespace gatehouse::upstream
