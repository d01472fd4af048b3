// SPDX-License-Identifier: Apache-2.0
// The head of a request: found and read in the same way however its bytes arrive, and
// what is accepted has one meaning only.
#include "tests/fuzz/fuzz.hpp"

#include "core/net/server/parser.hpp"

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::fuzz;

namespace {

constexpr std::size_t max_bytes = 2048, max_fields = 20;

/// The result of a head whose bytes arrive in these pieces.  A head with two errors may be
/// refused for either.
std::string fate(std::string_view input, const std::vector<std::string_view>& pieces) {
    HeadScanner scanner(max_bytes, max_fields);
    std::size_t size = 0;
    for (std::string_view piece : pieces) {
        size += piece.size();
        const auto end = scanner.scan(input.substr(0, size));
        if (!end) return "refused";
        if (*end == 0) continue;
        promise(*end <= size && *end <= max_bytes, "a head ends within its bytes and its limit");
        promise(input.substr(0, *end).ends_with("\r\n\r\n"), "a head ends with an empty line");
        return parse_head(input.substr(0, *end), max_fields) ? std::to_string(*end) : "refused";
    }
    return "more";
}

/// The head that a client would send for the parsed request.
std::string written(const ParsedHead& parsed) {
    const http::RequestHead& head = parsed.head;
    std::string text = head.method + " " + head.path + (head.query.empty() ? "" : "?" + head.query) +
                       (parsed.http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (const auto& [name, value] : head.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    return text + "\r\n";
}

void check_accepted(const ParsedHead& parsed) {
    promise(!(parsed.chunked && parsed.content_length), "a body has one framing");
    int hosts = 0;
    for (const auto& [name, value] : parsed.head.headers) {
        promise(is_token(name), "a field's name is a token", name);
        for (unsigned char c : value)
            promise(c == '\t' || (c >= 0x20 && c != 0x7f), "a field's value has no control character", value);
        promise(value.empty() || (value.front() != ' ' && value.back() != ' '), "a value is trimmed", value);
        hosts += http::equal_ignoring_case(name, "host");
        if (http::equal_ignoring_case(name, "content-length"))
            promise(std::to_string(*parsed.content_length) == value || value.front() == '0',
                    "content-length is the number that it says", value);
        if (http::equal_ignoring_case(name, "transfer-encoding"))
            promise(parsed.chunked, "no other coding than chunked", value);
    }
    promise(hosts == 1 || (parsed.http_1_0 && hosts == 0), "there is one host");

    const std::string again = written(parsed);
    const auto second = parse_head(again, max_fields);
    promise(bool(second), "the parsed request is accepted again", again,
            second ? "" : second.error().message);
    same(written(*second), again, "the parsed request has the same meaning when it is read again");
    promise(second->chunked == parsed.chunked && second->content_length == parsed.content_length &&
                second->keep_alive == parsed.keep_alive &&
                second->expects_continue == parsed.expects_continue,
            "the framing is the same when it is read again");
}

void check_refused(const Error& error) {
    const int status = status_of(error);
    promise(status == 400 || status == 417 || status == 431 || status == 501 || status == 505,
            "a refusal is the client's mistake", error.message);
    promise(!error.message.empty(), "a refusal has a reason");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    const std::string whole = fate(input, {input});
    same(fate(input, pieces_of(input)), whole, "a head that comes in pieces has the fate of the whole");
    same(fate(input, bytes_of(input)), whole, "a head that comes byte by byte has the fate of the whole");

    HeadScanner scanner(max_bytes, max_fields);
    const auto end = scanner.scan(input);
    if (!end) return check_refused(end.error()), 0;
    if (*end == 0) return 0;
    const auto parsed = parse_head(input.substr(0, *end), max_fields);
    if (parsed)
        check_accepted(*parsed);
    else
        check_refused(parsed.error());
    return 0;
}
