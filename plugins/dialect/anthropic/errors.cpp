// SPDX-License-Identifier: Apache-2.0
// Types by status, and the message for the client.
#include "plugins/dialect/anthropic/errors.hpp"

#include "plugins/dialect/anthropic/error_words.hpp"

#include <gatehouse/json_writer.hpp>

#include <string_view>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr int overloaded = 529;

std::string_view type_of(int status) {
    switch (status) {
        case 401: return "authentication_error";
        case 402: return "billing_error";
        case 403: return "permission_error";
        case 404: return "not_found_error";
        case 409: return "conflict_error";
        case 413: return "request_too_large";
        case 429: return "rate_limit_error";
        case 504: return "timeout_error";
        case overloaded: return "overloaded_error";
        default: return status < 500 ? "invalid_request_error" : "api_error";
    }
}

std::string message_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::internal:
        case ErrorKind::bad_config:
            return "the gateway could not handle this request; its log has the reason under the request id";
        case ErrorKind::context_length: return context_words(error.message);
        case ErrorKind::bad_request:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::rate_limited:
        case ErrorKind::upstream:
        case ErrorKind::unavailable:
        case ErrorKind::timeout: break;
    }
    return error.message.empty() ? "the request failed" : field_words(error);
}

/// Whether no retry mends the error.  Claude Code retries 401 and 429 without this header.
bool is_final(const Error& error, int status) {
    if (error.code == "insufficient_quota") return true;
    return status < 500 && status != 408 && status != 409 && status != 429;
}

int wait_of(const Error& error, int status) {
    if (error.retry_after_seconds > 0) return error.retry_after_seconds;
    return status == overloaded ? 1 : 0;
}

}  // namespace

int http_status(const Error& error) {
    const int status = status_of(error);
    if (error.status) return status;
    if (status == 503) return overloaded;
    return status == 422 ? 400 : status;
}

void append_error(const Error& error, std::string& out) {
    JsonWriter json(out);
    json.begin_object().member("type", "error").key("error").begin_object();
    json.member("type", type_of(http_status(error))).member("message", message_of(error));
    if (!error.code.empty()) json.key("details").begin_object().member("error_code", error.code).end_object();
    json.end_object().end_object();
}

http::Response error_response(const Error& error) {
    const int status = http_status(error);
    http::Response response;
    response.head.status = status;
    http::Headers& headers = response.head.headers;
    headers.add("content-type", "application/json");
    if (status == 401) headers.add("www-authenticate", "Bearer");
    if (const int seconds = wait_of(error, status)) headers.add("retry-after", std::to_string(seconds));
    if (is_final(error, status)) headers.add("x-should-retry", "false");
    append_error(error, response.body);
    return response;
}

}  // namespace gatehouse::anthropic_dialect
