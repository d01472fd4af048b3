// SPDX-License-Identifier: Apache-2.0
// ResponseParser: a response split anywhere gives the same response, or the same error.
#include "core/net/client/native/response_parser.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

/// Parses `pieces`.  Returns one line: status, body, the kind of end, and the remaining bytes.
std::string read(std::initializer_list<std::string_view> pieces, bool bodiless = false) {
    ResponseParser reader;
    reader.start(200, bodiless);
    std::string heard, body, left;
    bool over = false;
    for (std::string_view bytes : pieces) {
        while (!over) {
            const auto step = reader.next(bytes);
            if (step == ResponseParser::Step::more) break;
            if (step == ResponseParser::Step::head) heard += std::to_string(reader.head().status) + " ";
            if (step == ResponseParser::Step::body) body += reader.piece();
            over = step == ResponseParser::Step::end || step == ResponseParser::Step::broken;
            if (step == ResponseParser::Step::broken) left = reader.error().message;
        }
        if (over) left += bytes;
    }
    if (!over) left = reader.may_end_here() ? "until close" : reader.truncation();
    return heard + body + (over ? "|" : "?") + left;
}

}  // namespace

TEST_CASE("a response split at any two bytes is parsed to the same response, and no byte beyond it") {
    struct Case {
        std::string wire, read;
    };
    const std::string head = "HTTP/1.1 200 OK\r\n", chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    const Case cases[] = {
        {head + "content-length: 5\r\n\r\nhello", "200 hello|"},
        {"HTTP/1.1 100 Continue\r\n\r\n" + head + "content-length: 2\r\n\r\nok", "200 ok|"},
        {chunked + "3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\nnext", "200 abc|next"},
        {head + "content-length: 0\r\n\r\nnext", "200 |next"},
        {"HTTP/1.1 204 No\r\n\r\nnext", "204 |next"},
        {head + "\r\nall of it", "200 all of it?until close"},
        {chunked + "3\r\nabcd", "200 abc|the upstream sent a malformed chunked body"},
        {"HTTP/1.1 200 OK\nlength: 1\ncontent-length: 2\n\nok", "200 ok|"},
    };
    for (const Case& each : cases) {
        const std::string_view wire = each.wire;
        for (std::size_t a = 0; a <= wire.size(); ++a)
            for (std::size_t b = a; b <= wire.size(); ++b) {
                const std::string got = read({wire.substr(0, a), wire.substr(a, b - a), wire.substr(b)});
                if (got != each.read) CHECK_MESSAGE(got == each.read, "cut at " << a << " and " << b);
            }
    }
    CHECK(read({head + "content-length: 9\r\n\r\nnext"}, true) == "200 |next");
}

TEST_CASE("an invalid response is rejected at its first invalid byte") {
    const std::string no_http = "|the upstream did not send a valid HTTP response";
    CHECK(read({"HTT"}) == "?the upstream closed the connection without a response");
    CHECK(read({"HTTP/1.1 200 OK\r\n"}) == "?the upstream closed the connection during the response");
    CHECK(read({"S"}) == no_http);
    CHECK(read({"HTTP/2"}) == no_http);
    CHECK(read({"HTTP/1.1 200 OK\r\n x: folded\r\n"}) == no_http);
    CHECK(read({"HTTP/1.1 200 OK\r\nx: " + std::string(300, 'a')}) ==
          "|the upstream sent a response head that is too large");
    CHECK(read({"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "more"}) == "200 ok|more");
    CHECK(read({"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokmore"}) ==
          "200 ok|the upstream sent more bytes than its content-lengthmore");
}
