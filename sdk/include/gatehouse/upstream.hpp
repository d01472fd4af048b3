// SPDX-License-Identifier: Apache-2.0
// The base of an exchange with an HTTP upstream: it separates successful responses from errors,
// bounds the bytes of both, and writes the errors for the client.
//
//     class Ask final : public UpstreamExchange {
//         Result<std::optional<http::Request>> request() override {
//             return json_request("POST", base_ + "/ask", body);
//         }
//         Result<void> on_json(JsonValue top, EventSink& events) override {
//             events.emit(TextDelta{top["text"].str()});
//             …
//
// For a response that is read as it arrives, see upstream_stream.hpp.  With another framing, such
// as AwsEventReader (aws_event_stream.hpp), override on_body().
#pragma once

#include "gatehouse/error_body.hpp"
#include "gatehouse/error_text.hpp"
#include "gatehouse/host.hpp"
#include "gatehouse/provider.hpp"
#include "gatehouse/retry_after.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

namespace detail {

[[gnu::cold]] inline Error error_for_client(std::string_view who, int status, const ErrorBody& said) {
    Error error{.kind = kind_of_upstream_status(status)};
    const bool of_request = status >= 400 && status < 500 && error.kind != ErrorKind::upstream;
    if (of_request) error.code = said.code, error.param = said.param;
    const bool may_be_long = error.kind == ErrorKind::bad_request || error.kind == ErrorKind::too_large ||
                             error.kind == ErrorKind::unprocessable;
    if (said.context_length || (may_be_long && says_context_length(lower_case(said.message)))) {
        error.kind = ErrorKind::context_length;
        error.code = "context_length_exceeded";
    }
    const bool of_credentials = refuses_credentials(status);
    error.message = std::string(who) +
                    (of_credentials ? " rejected the gateway's credentials" : " responded with an error");
    error.message += " (status " + std::to_string(status) + ")";
    if (said.message.empty()) return error;
    (of_credentials ? error.detail : error.message) = error.message + ": " + said.message;
    return error;
}

}  // namespace detail

/// The error for a client, from a response whose status is not 2xx.  `who` is the upstream's name
/// in messages, such as "Ollama".  The text of the upstream is on one line, without credentials.
/// If the gateway's own credentials were rejected, the text is in the detail alone, for the log.
[[gnu::cold]] inline Error upstream_error(std::string_view who, const http::ResponseHead& head,
                                          std::string_view body, std::chrono::system_clock::time_point now) {
    Error error = detail::error_for_client(who, head.status, read_error_body(body));
    error.retry_after_seconds = retry_after_seconds(head.headers, now);
    return error;
}

/// The same from an error inside a response whose status is 2xx, such as an event of a stream.  Its
/// status is that of its words.
[[gnu::cold]] inline Error upstream_error(std::string_view who, std::string_view event) {
    const ErrorBody said = read_error_body(event);
    const int status = status_of(said);
    if (said.status >= 400 || status != 502) return detail::error_for_client(who, status, said);
    return {ErrorKind::upstream,
            std::string(who) + " failed" + (said.message.empty() ? "" : ": " + said.message)};
}

/// One thread at a time, as every Exchange.
class UpstreamExchange : public Exchange {
public:
    void head(const http::ResponseHead& head) override {
        forget();
        head_ = head;
        const std::string_view coding = head.headers.get("content-encoding");
        plain_ = coding.empty() || http::equal_ignoring_case(coding, "identity");
    }
    Result<void> body(std::string_view bytes, EventSink& events) override {
        if (succeeded()) {
            return plain_ ? on_body(bytes, events) : unreadable();
        }
        error_body_ += bytes.substr(0, max_error_bytes - std::min(max_error_bytes, error_body_.size()));
        return {};
    }
    Result<void> end(EventSink& events) override {
        if (succeeded()) return on_end(events);
        return on_failure();
    }

protected:
    /// The part of the body of an error response that is kept.
    static constexpr std::size_t max_error_bytes = 64 * 1024;

    /// REQUIRES: `host` outlives it.  `who` is the upstream's name in messages.
    UpstreamExchange(Host& host, std::string_view who) : host_(host), who_(who) {}

    /// Bytes of a successful response.  No bytes: the upstream is silent.  By default they are
    /// appended to `document_`, up to the limit max_response_bytes of the configuration.
    virtual Result<void> on_body(std::string_view bytes, EventSink&) {
        if (bytes.size() > host_.limits().max_answer_bytes - document_.size())
            return Error{ErrorKind::upstream, who_ + "'s response is larger than max_response_bytes"};
        document_ += bytes;
        return {};
    }
    /// A successful response is complete.  By default on_json() reads `document_`.
    virtual Result<void> on_end(EventSink& events) { return read(document_, events); }
    /// A successful response in JSON, or a piece of a stream (upstream_stream.hpp).  Its values are
    /// valid during the call.  Override this, or the members that call it.
    virtual Result<void> on_json(JsonValue, EventSink&) {
        return Error{ErrorKind::internal, "internal error", who_ + ": on_json() is not overridden"};
    }
    /// The response's status is not 2xx, and its body is complete.
    virtual Error on_failure() { return upstream_error(who_, head_, error_body_, host_.now()); }

    /// Discards the last response and begins a request.
    http::Request begin(std::string_view method, std::string url) {
        forget();
        http::Request request;
        request.method = method;
        request.url = std::move(url);
        return request;
    }
    /// The same for a JSON response, with `body`, a JSON document, if it is not empty.
    http::Request json_request(std::string_view method, std::string url, std::string body = {}) {
        http::Request request = begin(method, std::move(url));
        request.headers.add("accept", "application/json");
        if (!body.empty()) request.headers.add("content-type", "application/json");
        request.body = std::move(body);
        return request;
    }

    /// Passes `text` to on_json().  An error if it is not JSON.
    Result<void> read(std::string_view text, EventSink& events) {
        const auto top = read_json(text);
        return top ? on_json(*top, events) : invalid(top.error().message);
    }
    /// An error for a response that cannot be read: "Ollama's response is invalid: …".
    [[gnu::cold]] Error invalid(std::string_view why) const {
        return {ErrorKind::upstream, who_ + "'s response is invalid: " + std::string(why)};
    }

    Host& host() const { return host_; }
    const std::string& who() const { return who_; }
    /// The head of the last response.  Its status is 0 before it.
    const http::ResponseHead& response_head() const { return head_; }
    /// Whether the last response has a status of 2xx.
    bool succeeded() const { return head_.status >= 200 && head_.status < 300; }
    /// The first 64 KiB of the body of an error response.
    const std::string& error_body() const { return error_body_; }

    std::string document_ = {};  // the body of a successful response, if on_body() is not overridden

private:
    void forget() {
        head_ = {.status = 0};
        error_body_.clear();
        document_.clear();
    }
    [[gnu::cold]] Error unreadable() const {
        return invalid("its content-encoding is " + one_line(head_.headers.get("content-encoding"), 40) +
                       ", although identity was requested");
    }

    Host& host_;
    const std::string who_;
    http::ResponseHead head_ = {.status = 0};
    std::string error_body_ = {};
    bool plain_ = true;  // the body is not compressed
};

}  // namespace gatehouse
