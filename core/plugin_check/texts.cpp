// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/texts.hpp"

#include "core/net/framing/token.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/json_writer.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view message_rule = "result.hpp, Error::message";

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
    return std::ranges::any_of(parts, [&](std::string_view part) { return text.find(part) != text.npos; });
}

bool names_a_path(std::string_view text) {
    return contains_any(text, {"/home/", "/usr/", "/etc/", "/tmp/", "/root/", "/var/", ".cpp:", ".hpp:"});
}

bool is_value(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

void check_url(Check& check, const std::string& url, std::string_view member) {
    const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
    if (scheme == 0 || url.size() == scheme || contains_any(url.substr(scheme, 1), {"/", "?", "#", ":"}))
        return check.error("url", "the URL of a request is not absolute: http:// or https://, and a host",
                           "http.hpp, Request::url; " + std::string(member), url);
    const bool plain = std::ranges::all_of(url, [](unsigned char c) { return c > 0x20 && c != 0x7F; });
    if (!plain || contains_any(url, {"\"", "<", ">", "\\"}))
        check.error("url-bytes", "the URL has characters that must be percent-encoded",
                    "http.hpp, Request::url; " + std::string(member), url);
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = gatehouse::detail::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool is_json(std::string_view text) { return nlohmann::json::accept(text); }

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool looks_like_exception(std::string_view text) {
    return contains_any(text, {"basic_string", "std::", "::_M_", "bad_alloc", "bad variant access",
                               "bad optional access", "[json.exception", "what():", "vector::", "map::at"}) ||
           text == "stoi" || text == "stol" || text == "stod" || text == "stoll";
}

std::string shown(const Error& error) {
    return std::string(kind_name(error.kind)) + ": " + printable(error.message, 200);
}

void check_error(Check& check, const Confidential& confidential, const Error& error,
                 std::string_view member) {
    const std::string& message = error.message;
    const std::string detail = shown(error);
    if (message.empty()) check.error("message-empty", "an error has no message", message_rule, member);
    if (confidential.leaks(message) || confidential.leaks(error.detail) || confidential.leaks(error.code))
        check.error("error-secret", "an error contains a secret of the configuration", message_rule, member);
    if (has_control(message))
        check.error("message-control", "an error's message has line ends or control characters", message_rule,
                    detail);
    if (looks_like_exception(message))
        check.error("message-exception", "an error's message is the text of an exception", message_rule,
                    detail);
    if (names_a_path(message))
        check.error("message-path", "an error's message names a path", message_rule, detail);
    if (!is_utf8(message))
        check.note("message-utf8", "an error's message is not UTF-8", message_rule, detail);
    if (message.size() > 4096)
        check.warning("message-long", "an error's message has more than 4096 bytes", message_rule, member);
    if (error.kind == ErrorKind::bad_config)
        check.error("kind-config", "an error of the kind bad_config while serving",
                    "result.hpp, ErrorKind::bad_config", detail);
    if (error.status != 0 && (error.status < 400 || error.status > 599))
        check.error("status", "an error's status is not an HTTP error status", "result.hpp, Error::status",
                    std::to_string(error.status));
    if (error.retry_after_seconds < 0)
        check.error("retry-after", "the retry-after of an error is in the past",
                    "result.hpp, Error::retry_after_seconds", detail);
}

void check_headers(Check& check, const http::Headers& headers, std::string_view member) {
    for (const auto& [name, value] : headers) {
        if (!is_token(name))
            check.error("header-name", "a header's name has characters that none may have", member, name);
        if (!is_value(value))
            check.error("header-value", "a header's value has a line end or a NUL", member,
                        name + ": " + value);
        for (const char* framing : {"content-length", "transfer-encoding", "connection"})
            if (http::equal_ignoring_case(name, framing))
                check.error(
                    "header-framing",
                    "a header of framing is set by hand, which is for the core: " + std::string(framing),
                    member);
    }
}

void check_request(Check& check, const Confidential& confidential, const http::Request& request,
                   std::string_view member) {
    check_url(check, request.url, member);
    if (!is_token(request.method))
        check.error("method", "the method of a request is not an HTTP method", member, request.method);
    check_headers(check, request.headers, member);
    if (request.headers.has("host"))
        check.warning("header-host", "the request sets the header host; the core derives it from the URL",
                      "auth.hpp, Signer::sign; " + std::string(member));
    if (request.headers.has("authorization"))
        check.note("credentials", "the provider sets authorization; use a signer instead",
                   "auth.hpp, Signer::sign");
    if (confidential.leaks(request.url))
        check.warning("url-secret", "the URL contains a secret, and intermediaries may log URLs",
                      "http.hpp, Request::url", member);
    const std::string_view type = request.headers.get("content-type");
    if (!request.body.empty() && type.empty())
        check.warning("content-type", "a request has a body and no content-type", member);
    if (type.starts_with("application/json") && !is_json(request.body))
        check.error("body-json", "the body of a request is said to be JSON, and is not", member,
                    request.body.substr(0, 200));
    for (const auto& timeout :
         {request.connect_timeout, request.first_byte_timeout, request.idle_timeout, request.total_timeout})
        if (timeout && timeout->count() <= 0)
            check.error("timeout", "a timeout of a request is not positive", "http.hpp, Request",
                        std::to_string(timeout->count()) + " ms");
}

std::string difference(std::string_view a, std::string_view b) {
    if (a == b) return {};
    const auto [first, second] = std::ranges::mismatch(a, b);
    const auto at = static_cast<std::size_t>(first - a.begin());
    const std::size_t from = at > 20 ? at - 20 : 0;
    auto part = [&](std::string_view text) { return "\"" + printable(text.substr(from, 80), 100) + "\""; };
    return part(a) + " became " + part(b);
}

std::string difference(const http::Request& a, const http::Request& b) {
    if (a.method != b.method) return "the method: " + difference(a.method, b.method);
    if (a.url != b.url) return "the URL: " + difference(a.url, b.url);
    if (a.body != b.body) return "the body: " + difference(a.body, b.body);
    if (!std::ranges::equal(a.headers, b.headers)) return "the headers";
    return {};
}

}  // namespace gatehouse::core::plugin_check
