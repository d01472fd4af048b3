// SPDX-License-Identifier: Apache-2.0
// Types and codes by kind and status, and the message for the client.  Its words come from the code that
// made the error, such as the authenticator for a wrong key.
#include "plugins/dialect/openai/errors.hpp"

#include <gatehouse/json_writer.hpp>

#include <string_view>

namespace gatehouse::openai_dialect {

namespace {

std::string_view type_of(int status) {
    if (status >= 500) return "server_error";
    return status == 429 ? "rate_limit_error" : "invalid_request_error";
}

/// An empty code is written as null.
std::string_view code_of(const Error& error) {
    if (!error.code.empty()) return error.code;
    switch (error.kind) {
        case ErrorKind::context_length: return "context_length_exceeded";
        case ErrorKind::unauthenticated: return "invalid_api_key";
        case ErrorKind::unsupported: return "unsupported";
        case ErrorKind::rate_limited: return "rate_limit_exceeded";
        case ErrorKind::upstream: return "upstream_error";
        case ErrorKind::unavailable: return "unavailable";
        case ErrorKind::timeout: return "timeout";
        case ErrorKind::bad_config:
        case ErrorKind::bad_request:
        case ErrorKind::forbidden:
        case ErrorKind::not_found:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::internal: return {};
    }
    return {};
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Seconds for retry-after; 0 omits the header.
int wait_of(const Error& error) {
    if (error.retry_after_seconds > 0) return error.retry_after_seconds;
    return status_of(error) == 503 ? 1 : 0;
}

}  // namespace

// The SDK's messages begin in lower case and have no full stop; OpenAI's are sentences.  A
// field's name or another identifier at the start keeps its case.
std::string message_for_client(const Error& error) {
    if (error.kind == ErrorKind::internal || error.kind == ErrorKind::bad_config)
        return "The gateway could not handle this request; its log has the reason under the request id.";
    std::string text = error.message;
    if (text.empty()) text = "the request failed";
    // Clients search for this phrase to decide that they must shorten the conversation.
    if (error.kind == ErrorKind::context_length && text.find("context length") == std::string::npos)
        text.insert(0, "the prompt exceeds the model's maximum context length: ");
    std::size_t word = 0;
    while (word < text.size() && is_lower(text[word])) ++word;
    const bool plain =
        word == text.size() || std::string_view(" ,;:'").find(text[word]) != std::string_view::npos;
    const bool field = !error.param.empty() && text.starts_with(error.param);
    if (word > 0 && plain && !field) text[0] = static_cast<char>(text[0] - 'a' + 'A');
    if (std::string_view(".!?").find(text.back()) == std::string_view::npos) text += '.';
    return text;
}

void append_error(const Error& error, std::string& out) {
    const std::string_view code = code_of(error);
    JsonWriter json(out);
    json.begin_object().key("error").begin_object();
    json.member("message", message_for_client(error)).member("type", type_of(status_of(error)));
    json.key("param");
    error.param.empty() ? json.null() : json.value(error.param);
    json.key("code");
    code.empty() ? json.null() : json.value(code);
    json.end_object().end_object();
}

http::Response error_response(const Error& error) {
    http::Response response;
    response.head.status = status_of(error);
    response.head.headers.add("content-type", "application/json");
    if (response.head.status == 401) response.head.headers.add("www-authenticate", "Bearer");
    if (const int seconds = wait_of(error)) response.head.headers.add("retry-after", std::to_string(seconds));
    // OpenAI's clients would retry each 429.
    if (error.code == "insufficient_quota") response.head.headers.add("x-should-retry", "false");
    append_error(error, response.body);
    return response;
}

}  // namespace gatehouse::openai_dialect
