// SPDX-License-Identifier: Apache-2.0
// What the exchanges of all providers have in common: a good answer goes one way,
// what comes in its place another, and neither grows without end.
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/provider.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// The members of one are never called at the same time.
class HttpExchange : public Exchange {
public:
    void head(const http::ResponseHead& head) final { head_ = head; }
    Result<void> body(std::string_view bytes, EventSink& events) final;
    Result<void> end(EventSink& events) final;

protected:
    /// REQUIRES: both outlive it.  `who` is named in messages, such as "OCI".
    HttpExchange(Host& host, std::string_view who) : host_(host), who_(who) {}

    /// Forgets the last answer, and begins a request.
    http::Request begin(std::string_view method, std::string url);
    /// `request` for a JSON document, with `body`, if there is one, as another.
    static http::Request for_document(http::Request request, std::string body = {});

    /// Bytes of a good answer.  By default all of them become `document_`, up to
    /// max_answer_bytes.
    virtual Result<void> on_body(std::string_view bytes, EventSink& events);
    /// A good answer is complete.
    virtual Result<void> on_end(EventSink& events) = 0;
    /// The answer's status is not 2xx: what the client is told.
    virtual Error on_failure() = 0;

    /// Of the last answer; status 0: there is none.
    const http::ResponseHead& answer_head() const { return head_; }
    /// What was said in the place of a good answer, from its beginning.
    const std::string& error_body() const { return error_body_; }

    std::string document_;

private:
    bool good() const { return head_.status >= 200 && head_.status < 300; }

    Host& host_;
    const std::string_view who_;
    http::ResponseHead head_;
    std::string error_body_;
};

}  // namespace gatehouse::upstream
