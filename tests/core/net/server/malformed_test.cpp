// SPDX-License-Identifier: Apache-2.0
// Input that two parsers could read differently is rejected, and the connection ends:
// each line of the table is sent to a real server, at once and byte by byte.
#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/net/server/test_application.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawAnswer;
using gatehouse::testing::RawClient;
using namespace std::string_literals;

namespace {

struct Case {
    int status;
    std::string request;
};

const std::string line = "POST /echo HTTP/1.1\r\n", host = "Host: a\r\n", end = "\r\n";

std::vector<Case> cases() {
    std::vector<Case> all = {
        // The request line.
        {400, "GET\r\n" + host + end},
        {400, "GET /\r\n" + host + end},
        {400, "GET  / HTTP/1.1\r\n" + host + end},
        {400, "GET /  HTTP/1.1\r\n" + host + end},
        {400, "GET / HTTP/1.1 \r\n" + host + end},
        {400, " GET / HTTP/1.1\r\n" + host + end},
        {400, "GET\t/\tHTTP/1.1\r\n" + host + end},
        {400, "GET / x HTTP/1.1\r\n" + host + end},
        {400, "G@T / HTTP/1.1\r\n" + host + end},
        {400, "G\x01T / HTTP/1.1\r\n" + host + end},
        {400, "GET / http/1.1\r\n" + host + end},
        {400, "GET / HTTP/1,1\r\n" + host + end},
        {400, "GET / HTTP/1.10\r\n" + host + end},
        {400, "GET / HTTP/11\r\n" + host + end},
        {400, "GET / HTTP/1.\r\n" + host + end},
        {400, "GET / HTTPS/1.1\r\n" + host + end},
        {400, "GET / FTP/1.1\r\n" + host + end},
        {400, "/ GET HTTP/1.1\r\n" + host + end},
        {505, "GET / HTTP/1.2\r\n" + host + end},
        {505, "GET / HTTP/0.9\r\n" + host + end},
        {505, "GET / HTTP/2.0\r\n" + host + end},
        {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {400, "\x16\x03\x01\x02"},
        {400, "\0\0\0\0"s},
        {400, "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n" + host + end},
        {400, "\n\nGET / HTTP/1.1\r\n" + host + end},
        {400, "\rGET / HTTP/1.1\r\n" + host + end},
        // Targets.
        {400, "GET hello HTTP/1.1\r\n" + host + end},
        {400, "GET /a#b HTTP/1.1\r\n" + host + end},
        {400, "GET /\xc3\xa9 HTTP/1.1\r\n" + host + end},
        {400, "GET /a\x7f HTTP/1.1\r\n" + host + end},
        {400, "GET /a\x01 HTTP/1.1\r\n" + host + end},
        {400, "GET * HTTP/1.1\r\n" + host + end},
        {400, "OPTIONS *x HTTP/1.1\r\n" + host + end},
        {400, "GET ftp://a/x HTTP/1.1\r\n" + host + end},
        {400, "GET http:/a HTTP/1.1\r\n" + host + end},
        {400, "GET http:///a HTTP/1.1\r\n" + host + end},
        {400, "GET http://u@a/x HTTP/1.1\r\n" + host + end},
        {400, "GET http://a:x/ HTTP/1.1\r\n" + host + end},
        {400, "GET a.example:443 HTTP/1.1\r\n" + host + end},
        {400, "CONNECT a.example:443 HTTP/1.1\r\n" + host + end},
        {400, "CONNECT /x HTTP/1.1\r\n" + host + end},
        {400, "GET /%zz HTTP/1.1\r\n" + host + end},
        {400, "GET /%4 HTTP/1.1\r\n" + host + end},
        {400, "GET /%00 HTTP/1.1\r\n" + host + end},
        // Host.
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        {400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"},
        // Lines and fields.
        {400, "GET / HTTP/1.1\n" + host + end},
        {400, "GET / HTTP/1.1\r\nHost: a\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\t: y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\xc3: y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"s},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"},
        // Content-Length.
        {400, line + host + "Content-Length: -1\r\n\r\n"},
        {400, line + host + "Content-Length: +5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5abc\r\n\r\nhello"},
        {400, line + host + "Content-Length: abc\r\n\r\n"},
        {400, line + host + "Content-Length:\r\n\r\n"},
        {400, line + host + "Content-Length: 0x5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5 5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5, 5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5,\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5.0\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
        {400, line + host + "Content-Length : 5\r\n\r\nhello"},
        {400, line + host + "Content-Length: 18446744073709551616\r\n\r\n"},
        {400, line + host + "Content-Length: 18446744073709551615\r\n\r\n"},
        {400, line + host + "Content-Length: 99999999999999999999999999999\r\n\r\n"},
        {413, line + host + "Content-Length: 100000000000\r\n\r\n"},
        // Transfer-Encoding.
        {400, line + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
        {400, line + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, line + host + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello"},
        {400, line + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: identity\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: gzip\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
        {501, line + host + "Transfer-Encoding:\r\n\r\n"},
        {400, line + host + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
        {400, line + host +
                  "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n"},
        // Other fields.
        {417, line + host + "Content-Length: 1\r\nExpect: something\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n"},
        // Chunks.
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\nx\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n"},
        {413, line + host + "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n"},
        {400, line + host + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"},
    };
    std::string fields;
    for (int i = 0; i < 101; ++i) fields += "x: y\r\n";
    all.push_back({431, "GET / HTTP/1.1\r\n" + host + fields + end});
    all.push_back({431, "GET / HTTP/1.1\r\n" + host + "x: " + std::string(40'000, 'y') + "\r\n\r\n"});
    all.push_back({431, "GET /" + std::string(40'000, 'y') + " HTTP/1.1\r\n" + host + end});
    return all;
}

const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("a malformed request receives its status, the connection ends, and no later request is processed") {
    TestServer server;
    for (const Case& each : cases()) {
        CAPTURE(each.request.substr(0, 200));
        const int before = server.counters().requests;
        RawClient client(server.port());
        client.send(each.request + smuggled);
        const RawAnswer answer = client.answer();
        CHECK(answer.status == each.status);
        CHECK(answer.complete);
        CHECK(answer.headers.get("connection") == "close");
        CHECK(client.read_to_end() == "");
        CHECK(server.counters().requests <=
              before + 1);  // the request with the malformed body; never the smuggled request
    }
    RawClient next(server.port());
    CHECK(next.ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
}

TEST_CASE("a malformed request is rejected in the same way when it arrives byte by byte") {
    TestServer server;
    for (const Case& each : cases()) {
        if (each.request.size() > 500) continue;
        CAPTURE(each.request);
        RawClient client(server.port());
        for (const char& byte : each.request)
            if (!client.send({&byte, 1})) break;
        CHECK(client.answer().status == each.status);
    }
}

TEST_CASE("the application receives the path of a rejected request") {
    TestServer server;
    RawClient client(server.port());
    CHECK(client.ask("GET /v1/x?secret=1 HTTP/1.1\r\n\r\n").body == "the host field is missing|/v1/x");
}
