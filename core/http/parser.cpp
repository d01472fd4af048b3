// SPDX-License-Identifier: Apache-2.0
// Everything is refused that two parties could read differently; what is odd
// but has one meaning is accepted.
#include "core/http/parser.hpp"

// Under a sanitizer, g++ 12 takes boost::none for an uninitialized number.
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#pragma GCC diagnostic pop

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::core {
namespace {

namespace beast = boost::beast;

Error bad(std::string message, int status = 400) {
    const ErrorKind kind = status == 431   ? ErrorKind::too_large
                           : status == 501 ? ErrorKind::unsupported
                           : status == 505 ? ErrorKind::unsupported
                                           : ErrorKind::bad_request;
    Error error{kind, std::move(message)};
    error.status = status;
    return error;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

constexpr std::array<bool, 256> token_chars = [] {
    std::array<bool, 256> table{};
    for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
    for (int c = '0'; c <= '9'; ++c) table[c] = true;
    for (char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

/// Collects the fields straight into our own type.  Only the head is ever fed.
class BeastHead final : public beast::http::basic_parser<true> {
public:
    explicit BeastHead(http::Headers& headers) : headers_(headers) {}

private:
    using Code = beast::error_code;
    using View = beast::string_view;

    void on_request_impl(beast::http::verb, View, View, int, Code& ec) override { ec = {}; }
    void on_field_impl(beast::http::field, View name, View value, Code& ec) override {
        ec = {};
        headers_.add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    void on_response_impl(int, View, int, Code& ec) override { ec = {}; }
    void on_header_impl(Code& ec) override { ec = {}; }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Code& ec) override { ec = {}; }
    std::size_t on_body_impl(View body, Code& ec) override {
        ec = {};
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, Code& ec) override { ec = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, View body, Code& ec) override {
        ec = {};
        return body.size();
    }
    void on_finish_impl(Code& ec) override { ec = {}; }

    http::Headers& headers_;
};

// --- the request line ---------------------------------------------------------

/// A host and an optional port (RFC 3986, 3.2.2), as in Host and in absolute targets.
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
            } else if (!is_alpha(c) && !is_digit(c) && !std::strchr("-._~!$&'()*+;=", c)) {
                return false;  // the comma, though a sub-delim, may be two values joined by someone
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

/// Splits the target into path and query, or says what is wrong with it.
Result<void> read_target(std::string_view target, http::RequestHead& head) {
    for (unsigned char c : target)
        if (c <= 0x20 || c >= 0x7f || c == '#')
            return bad("the request target contains a character that is not allowed");
    if (target == "*") {
        if (head.method != "OPTIONS") return bad("the target * belongs to OPTIONS alone");
        head.path = "*";
        return {};
    }
    if (!target.starts_with('/')) {
        const std::size_t scheme = target.find("://");
        const std::string_view name = target.substr(0, scheme);
        if (scheme == std::string_view::npos ||
            (!http::equal_ignoring_case(name, "http") && !http::equal_ignoring_case(name, "https")))
            return bad("the request target must be a path or an absolute http URL");
        target.remove_prefix(scheme + 3);
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        if (!is_authority(target.substr(0, end))) return bad("the host in the request target is not valid");
        target.remove_prefix(end);
    }
    const std::size_t question = target.find('?');
    const std::string_view path = target.substr(0, question);
    for (std::size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 1))
        if (i + 2 >= path.size() || !is_hex(path[i + 1]) || !is_hex(path[i + 2]) ||
            path.substr(i + 1, 2) == "00")
            return bad("the path contains a broken percent escape");
    head.path = path.empty() ? "/" : path;
    if (question != std::string_view::npos) head.query = target.substr(question + 1);
    return {};
}

/// `line` is the request line without its end.
Result<void> read_request_line(std::string_view line, ParsedHead& parsed) {
    const std::size_t first = line.find(' '), last = line.rfind(' ');
    if (first == std::string_view::npos || first == last || line.find(' ', first + 1) != last)
        return bad("the request line must be a method, a target and a version, one space between them");
    const std::string_view method = line.substr(0, first), version = line.substr(last + 1);
    if (!is_token(method)) return bad("the method is not a token");
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7]))
        return bad("the request line must end in a version such as HTTP/1.1");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return bad("this server speaks HTTP/1.1 and HTTP/1.0", 505);
    parsed.http_1_0 = version == "HTTP/1.0";
    if (method == "CONNECT") return bad("this server is no proxy: CONNECT is not supported");
    parsed.head.method = method;
    return read_target(line.substr(first + 1, last - first - 1), parsed.head);
}

// --- the fields -----------------------------------------------------------------

Result<std::uint64_t> read_length(std::string_view value) {
    std::uint64_t length = 0;
    if (value.empty() || value.size() > 32) return bad("content-length must be one number");
    for (char c : value) {
        if (!is_digit(c)) return bad("content-length must be one number");
        if (length > ((1ull << 62) - 10) / 10) return bad("content-length is larger than any body can be");
        length = length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return length;
}

/// Calls visit(token) for each element of a comma-separated list.
template <typename Visit>
void each_element(std::string_view list, Visit&& visit) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view element = list.substr(0, comma);
        while (!element.empty() && (element.front() == ' ' || element.front() == '\t'))
            element.remove_prefix(1);
        while (!element.empty() && (element.back() == ' ' || element.back() == '\t'))
            element.remove_suffix(1);
        if (!element.empty()) visit(element);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

/// What the fields say of host, framing and connection.
Result<void> read_fields(ParsedHead& parsed) {
    int hosts = 0, encodings = 0, lengths = 0;
    bool close = false, keep_alive = false, known_encoding = true;
    std::string_view length;
    for (const auto& [name, value] : parsed.head.headers) {
        // The lengths of the names decide most: no comparison for the others.
        if (name.size() == 4 && http::equal_ignoring_case(name, "host")) {
            if (++hosts > 1) return bad("more than one host field");
            if (!is_authority(value)) return bad("the host field is not valid");
        } else if (name.size() == 14 && http::equal_ignoring_case(name, "content-length")) {
            ++lengths;
            length = value;
        } else if (name.size() == 17 && http::equal_ignoring_case(name, "transfer-encoding")) {
            ++encodings;
            known_encoding = known_encoding && http::equal_ignoring_case(value, "chunked");
        } else if (name.size() == 10 && http::equal_ignoring_case(name, "connection")) {
            each_element(value, [&](std::string_view token) {
                close = close || http::equal_ignoring_case(token, "close");
                keep_alive = keep_alive || http::equal_ignoring_case(token, "keep-alive");
            });
        } else if (name.size() == 6 && http::equal_ignoring_case(name, "expect") && !parsed.http_1_0) {
            if (!http::equal_ignoring_case(value, "100-continue"))
                return bad("the only expectation that this server can meet is 100-continue", 417);
            parsed.expects_continue = true;
        }
    }
    if (hosts == 0 && !parsed.http_1_0) return bad("the host field is missing");
    if (encodings > 0) {
        if (parsed.http_1_0) return bad("HTTP/1.0 knows no transfer-encoding");
        if (lengths > 0) return bad("both content-length and transfer-encoding");
        if (encodings > 1) return bad("more than one transfer-encoding field");
        if (!known_encoding) return bad("the only transfer-encoding known here is chunked", 501);
        parsed.chunked = true;
    }
    if (lengths > 1) return bad("more than one content-length field");
    if (lengths == 1) {
        auto number = read_length(length);
        if (!number) return number.error();
        parsed.content_length = *number;
    }
    parsed.keep_alive = parsed.http_1_0 ? keep_alive && !close : !close;
    return {};
}

}  // namespace

bool is_token(std::string_view text) {
    for (unsigned char c : text)
        if (!token_chars[c]) return false;
    return !text.empty();
}

Result<std::size_t> HeadScanner::scan(std::string_view bytes) {
    // A TLS hello or other garbage is recognised by its first byte, not by a timeout.
    if (scanned_ == 0 && !bytes.empty() && !token_chars[static_cast<unsigned char>(bytes[0])])
        return bad("this is not an HTTP request");
    const std::string_view window = bytes.substr(0, max_bytes_);
    while (scanned_ < window.size()) {
        const void* found = std::memchr(window.data() + scanned_, '\n', window.size() - scanned_);
        if (!found) {
            scanned_ = window.size();
            break;
        }
        const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(found) - window.data());
        if (end == line_ || window[end - 1] != '\r')
            return bad("a line of the head ends without a carriage return");
        scanned_ = end + 1;
        if (end - line_ == 1) return scanned_;
        if (lines_ > 0 && (window[line_] == ' ' || window[line_] == '\t'))
            return bad("a folded field in the head");
        if (lines_ > max_fields_)
            return bad("more than " + std::to_string(max_fields_) + " fields in the head", 431);
        ++lines_;
        line_ = scanned_;
    }
    if (bytes.size() >= max_bytes_)
        return bad("the head is larger than " + std::to_string(max_bytes_) + " bytes", 431);
    return std::size_t{0};
}

std::string_view path_of(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find_first_of(std::string_view("\r\n", 2)));
    const std::size_t first = line.find(' ');
    if (first == std::string_view::npos) return {};
    const std::string_view target = line.substr(first + 1, line.find(' ', first + 1) - first - 1);
    return target.starts_with('/') ? target.substr(0, target.find('?')) : std::string_view();
}

Result<ParsedHead> parse_head(std::string_view bytes, std::size_t max_fields) {
    ParsedHead parsed;
    if (auto ok = read_request_line(bytes.substr(0, bytes.find("\r\n")), parsed); !ok) return ok.error();

    BeastHead parser(parsed.head.headers);
    parser.eager(false);
    parser.body_limit(1ull << 62);
    parser.header_limit(0xffffffff);  // HeadScanner has counted already
    beast::error_code ec;
    const std::size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
    if (ec == beast::http::error::bad_content_length) return bad("content-length must be one number");
    if (ec == beast::http::error::bad_transfer_encoding)
        return bad("transfer-encoding is given twice, or with content-length");
    if (ec == beast::http::error::body_limit) return bad("content-length is larger than any body can be");
    if (ec) return bad("the head is malformed");
    if (!parser.is_header_done() || used != bytes.size()) return bad("the head is malformed");
    if (parsed.head.headers.size() > max_fields)
        return bad("more than " + std::to_string(max_fields) + " fields in the head", 431);

    if (auto ok = read_fields(parsed); !ok) return ok.error();
    return parsed;
}

}  // namespace gatehouse::core
