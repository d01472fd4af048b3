// SPDX-License-Identifier: Apache-2.0
// Rejects input that two parsers could read differently.  Accepts unusual input that has only one
// meaning.
#include "core/net/server/parser.hpp"

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

/// Collects the headers directly into ParsedHead.  Receives only heads.
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

// --- the headers ----------------------------------------------------------------

Result<std::uint64_t> read_length(std::string_view value) {
    std::uint64_t length = 0;
    if (value.empty() || value.size() > 32) return refusal("content-length must be one number");
    for (char c : value) {
        if (c < '0' || c > '9') return refusal("content-length must be one number");
        if (length > ((1ull << 62) - 10) / 10) return refusal("content-length is too large");
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

/// Reads the headers for host, framing and connection.
Result<void> read_fields(ParsedHead& parsed) {
    int hosts = 0, encodings = 0, lengths = 0;
    bool close = false, keep_alive = false, known_encoding = true;
    std::string_view length;
    for (const auto& [name, value] : parsed.head.headers) {
        // Compares lengths first, because that decides for most headers.
        if (name.size() == 4 && http::equal_ignoring_case(name, "host")) {
            if (++hosts > 1) return refusal("more than one host field");
            if (!is_authority(value)) return refusal("the host field is not valid");
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
                return refusal("the only supported expectation is 100-continue", 417);
            parsed.expects_continue = true;
        }
    }
    if (hosts == 0 && !parsed.http_1_0) return refusal("the host field is missing");
    if (encodings > 0) {
        if (parsed.http_1_0) return refusal("HTTP/1.0 does not allow transfer-encoding");
        if (lengths > 0) return refusal("both content-length and transfer-encoding");
        if (encodings > 1) return refusal("more than one transfer-encoding field");
        if (!known_encoding) return refusal("the only supported transfer-encoding is chunked", 501);
        parsed.chunked = true;
    }
    if (lengths > 1) return refusal("more than one content-length field");
    if (lengths == 1) {
        auto number = read_length(length);
        if (!number) return number.error();
        parsed.content_length = *number;
    }
    parsed.keep_alive = parsed.http_1_0 ? keep_alive && !close : !close;
    return {};
}

}  // namespace

Result<std::size_t> HeadScanner::scan(std::string_view bytes) {
    // Rejects a TLS handshake or other garbage by its first byte, without a timeout.
    if (scanned_ == 0 && !bytes.empty() && !is_token(bytes.substr(0, 1)))
        return refusal("this is not an HTTP request");
    const std::string_view window = bytes.substr(0, max_bytes_);
    while (scanned_ < window.size()) {
        if (scanned_ == line_ && lines_ > 0 && (window[line_] == ' ' || window[line_] == '\t'))
            return refusal("a folded field in the head");
        const void* found = std::memchr(window.data() + scanned_, '\n', window.size() - scanned_);
        if (!found) {
            scanned_ = window.size();
            break;
        }
        const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(found) - window.data());
        if (end == line_ || window[end - 1] != '\r')
            return refusal("a line of the head ends without a carriage return");
        scanned_ = end + 1;
        if (end - line_ == 1) return scanned_;
        if (lines_ > max_fields_)
            return refusal("more than " + std::to_string(max_fields_) + " fields in the head", 431);
        ++lines_;
        line_ = scanned_;
    }
    // Rejects an invalid first line now, because its sender may never end the head.
    if (lines_ > 0 && !line_checked_) {
        http::RequestHead head;
        bool http_1_0 = false;
        if (auto ok = read_request_line(window.substr(0, window.find("\r\n")), head, http_1_0); !ok)
            return ok.error();
        line_checked_ = true;
    }
    if (bytes.size() >= max_bytes_)
        return refusal("the head is larger than " + std::to_string(max_bytes_) + " bytes", 431);
    return std::size_t{0};
}

Result<ParsedHead> parse_head(std::string_view bytes, std::size_t max_fields) {
    ParsedHead parsed;
    if (auto ok = read_request_line(bytes.substr(0, bytes.find("\r\n")), parsed.head, parsed.http_1_0); !ok)
        return ok.error();

    BeastHead parser(parsed.head.headers);
    parser.eager(false);
    parser.body_limit(1ull << 62);
    parser.header_limit(0xffffffff);  // HeadScanner has checked the size
    beast::error_code ec;
    const std::size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
    if (ec == beast::http::error::bad_content_length) return refusal("content-length must be one number");
    if (ec == beast::http::error::bad_transfer_encoding)
        return refusal("transfer-encoding is repeated, or combined with content-length");
    if (ec == beast::http::error::body_limit) return refusal("content-length is too large");
    if (ec) return refusal("the head is malformed");
    if (!parser.is_header_done() || used != bytes.size()) return refusal("the head is malformed");
    if (parsed.head.headers.size() > max_fields)
        return refusal("more than " + std::to_string(max_fields) + " fields in the head", 431);

    if (auto ok = read_fields(parsed); !ok) return ok.error();
    return parsed;
}

}  // namespace gatehouse::core
