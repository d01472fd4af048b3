// SPDX-License-Identifier: Apache-2.0
// Parses method, target and version (RFC 9112, 3), and the target by RFC 3986.
#include "core/net/server/request_line.hpp"

#include "core/util/ascii.hpp"

#include <algorithm>
#include <cstring>

namespace gatehouse::core {
namespace {

/// Splits the target into path and query, or returns an error.
Result<void> read_target(std::string_view target, http::RequestHead& head) {
    for (unsigned char c : target)
        if (c <= 0x20 || c >= 0x7f || c == '#')
            return refusal("the request target contains a character that is not allowed");
    if (target == "*") {
        if (head.method != "OPTIONS") return refusal("the target * is valid only for OPTIONS");
        head.path = "*";
        return {};
    }
    if (!target.starts_with('/')) {
        const std::size_t scheme = target.find("://");
        const std::string_view name = target.substr(0, scheme);
        if (scheme == std::string_view::npos ||
            (!http::equal_ignoring_case(name, "http") && !http::equal_ignoring_case(name, "https")))
            return refusal("the request target must be a path or an absolute http URL");
        target.remove_prefix(scheme + 3);
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        if (!is_authority(target.substr(0, end)))
            return refusal("the host in the request target is not valid");
        target.remove_prefix(end);
    }
    const std::size_t question = target.find('?');
    const std::string_view path = target.substr(0, question);
    for (std::size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 1))
        if (i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2]) ||
            path.substr(i + 1, 2) == "00")
            return refusal("the path contains a broken percent escape");
    head.path = path.empty() ? "/" : path;
    if (question != std::string_view::npos) head.query = target.substr(question + 1);
    return {};
}

}  // namespace

Error refusal(std::string message, int status) {
    const ErrorKind kind = status == 431   ? ErrorKind::too_large
                           : status == 501 ? ErrorKind::unsupported
                           : status == 505 ? ErrorKind::unsupported
                                           : ErrorKind::bad_request;
    Error error{kind, std::move(message)};
    error.status = status;
    return error;
}

bool is_authority(std::string_view text) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || end < 3) return false;
        for (char c : text.substr(1, end - 1))
            if (!is_hex(c) && c != ':' && c != '.') return false;
        port = text.substr(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        if (end == 0) return false;
        for (std::size_t i = 0; i < end; ++i) {
            const char c = text[i];
            if (c == '%') {
                if (i + 2 >= end || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
                i += 2;
            } else if (!is_letter(c) && !is_digit(c) && !std::strchr("-._~!$&'()*+;=", c)) {
                return false;  // a comma is allowed in a host, but may come from two joined values
            }
        }
        port = text.substr(end);
    }
    if (port.empty()) return true;
    if (port[0] != ':' || port.size() > 6) return false;
    unsigned number = 0;
    for (char c : port.substr(1)) {
        if (!is_digit(c)) return false;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number <= 65535;
}

Result<void> read_request_line(std::string_view line, http::RequestHead& head, bool& http_1_0) {
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last)
        return refusal("the request line must be a method, a target and a version, one space between them");
    const std::string_view method = line.substr(0, first), version = line.substr(last + 1);
    if (!is_token(method)) return refusal("the method is not a token");
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]))
        return refusal("the request line must end in a version such as HTTP/1.1");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refusal("this server supports HTTP/1.1 and HTTP/1.0", 505);
    http_1_0 = version == "HTTP/1.0";
    if (method == "CONNECT") return refusal("this server is not a proxy: CONNECT is not supported");
    head.method = method;
    return read_target(line.substr(first + 1, last - first - 1), head);
}

std::string_view path_of(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find_first_of(std::string_view("\r\n", 2)));
    const std::size_t first = line.find(' ');
    if (first == std::string_view::npos) return {};
    const std::string_view target = line.substr(first + 1, line.find(' ', first + 1) - first - 1);
    return target.starts_with('/') ? target.substr(0, target.find('?')) : std::string_view();
}

}  // namespace gatehouse::core
