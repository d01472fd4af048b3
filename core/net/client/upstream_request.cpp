// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/upstream_request.hpp"

#include "core/net/framing/token.hpp"
#include "core/util/ascii.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

bool is_method(std::string_view method) {
    return !method.empty() && method.size() <= 20 && method != "CONNECT" && method != "TRACE" &&
           std::ranges::all_of(method, is_upper);
}

bool has_line_break(std::string_view value) {
    return value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

}  // namespace

Error unsendable(std::string why) {
    return {ErrorKind::internal, "the request to the upstream cannot be sent: " + std::move(why)};
}

Result<RequestFields> check_request(const http::Request& request) {
    if (!is_method(request.method)) return unsendable("its method is invalid");
    RequestFields fields;
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) return unsendable("a header has an invalid name");
        if (has_line_break(value)) return unsendable("the header " + name + " has a line break");
        auto is = [&name = name](std::string_view other) { return http::equal_ignoring_case(name, other); };
        if (is("transfer-encoding")) return unsendable("it has a transfer-encoding header");
        if (is("content-length")) {
            if (value != std::to_string(request.body.size()))
                return unsendable("its content-length is not the length of its body");
            fields.length = true;
        } else if (is("host")) {
            fields.host = without_blanks(value);
            if (fields.host.empty()) return unsendable("its host is empty");
        } else if (is("connection")) {
            fields.close |= http::equal_ignoring_case(without_blanks(value), "close");
        }
        fields.accept |= is("accept");
        fields.type |= is("content-type");
        fields.agent |= is("user-agent");
        fields.encoding |= is("accept-encoding");
    }
    return fields;
}

bool has_body(const http::Request& request) {
    const std::string& method = request.method;
    return method != "HEAD" &&
           (!request.body.empty() || method == "POST" || method == "PUT" || method == "PATCH");
}

std::string request_head(const http::Request& request, const RequestFields& fields, std::string_view target,
                         std::string_view host, std::size_t room) {
    if (!fields.host.empty()) host = fields.host;
    std::size_t size = request.method.size() + target.size() + host.size() + 160 + room;
    for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
    std::string head;
    head.reserve(size);
    head.append(request.method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
    for (const auto& [name, value] : request.headers) {
        if (http::equal_ignoring_case(name, "host") || http::equal_ignoring_case(name, "expect")) continue;
        head.append("\r\n").append(name).append(without_blanks(value).empty() ? ":" : ": ");
        if (!without_blanks(value).empty()) head.append(value);
    }
    if (!fields.agent) head.append("\r\n").append(agent_field);
    if (!fields.encoding) head.append("\r\n").append(encoding_field);
    if (!fields.length && has_body(request))
        head.append("\r\nContent-Length: ").append(std::to_string(request.body.size()));
    head.append("\r\n\r\n");
    return head;
}

}  // namespace gatehouse::core
