// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/parser.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::string_view_literals;

namespace {

Result<ParsedHead> parse(const std::string& head) { return parse_head(head, 100); }

ParsedHead good(const std::string& head) {
    auto parsed = parse(head);
    REQUIRE_MESSAGE(parsed, head);
    return std::move(*parsed);
}

}  // namespace

TEST_CASE("the end of a head is found in input split at any byte") {
    const std::string head = "GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n\r\n";
    for (std::size_t cut = 0; cut <= head.size(); ++cut) {
        HeadScanner scanner(1000, 10);
        auto first = scanner.scan(std::string_view(head).substr(0, cut));
        REQUIRE(first);
        CHECK(*first == (cut == head.size() ? head.size() : 0));
        if (cut == head.size()) continue;
        auto second = scanner.scan(head + "the next request");
        REQUIRE(second);
        CHECK(*second == head.size());
    }
}

TEST_CASE("a head may have as many bytes and headers as the limits allow, and no more") {
    const std::string line = "GET / HTTP/1.1\r\n", field = "a: b\r\n";
    const std::string head = line + field + field + "\r\n";
    CHECK(*HeadScanner(head.size(), 2).scan(head) == head.size());
    CHECK(HeadScanner(head.size() - 1, 2).scan(head).error().status == 431);
    CHECK(HeadScanner(head.size(), 1).scan(head).error().status == 431);
    CHECK(HeadScanner(20, 2).scan(line + "a: bbbbbbbbbbbbbbbbbbbbbbbbb").error().status == 431);
}

TEST_CASE("input that cannot be a head is rejected before it ends") {
    CHECK(HeadScanner(1000, 10).scan("\x16\x03\x01").error().status == 400);
    CHECK(HeadScanner(1000, 10).scan("GET / HTTP/1.1\n").error().status == 400);
    CHECK(HeadScanner(1000, 10).scan("GET / HTTP/1.1\r\na: b\r\n c").error().status == 400);
}

TEST_CASE("path and query are kept as they were sent") {
    const auto parsed = good("GET /v1/models/vendor%2Fmodel?api-version=2&x=%zz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(parsed.head.method == "GET");
    CHECK(parsed.head.path == "/v1/models/vendor%2Fmodel");
    CHECK(parsed.head.query == "api-version=2&x=%zz");
}

TEST_CASE("an absolute target is read like its path") {
    for (const char* target : {"http://a.example:8080/p?q", "HTTPS://a.example/p?q", "http://[::1]/p?q"}) {
        const auto parsed = good("GET " + std::string(target) + " HTTP/1.1\r\nHost: other\r\n\r\n");
        CHECK(parsed.head.path == "/p");
        CHECK(parsed.head.query == "q");
    }
    CHECK(good("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n").head.path == "/");
    CHECK(good("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").head.path == "/");
}

TEST_CASE("OPTIONS accepts the target *") {
    CHECK(good("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").head.path == "*");
}

TEST_CASE("headers keep their order, their case and their inner blanks") {
    const auto parsed =
        good("GET / HTTP/1.1\r\nHost: a\r\nX-One:  two  words \t\r\nEmpty:\r\nx-ONE: again\r\n\r\n");
    REQUIRE(parsed.head.headers.size() == 4);
    CHECK(parsed.head.headers.get("x-one") == "two  words");
    CHECK(parsed.head.headers.has("empty"));
    CHECK((parsed.head.headers.end() - 1)->first == "x-ONE");
    CHECK(good("GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\r\n\r\n").head.headers.get("x") == "\xc3\xa9");
}

TEST_CASE("bodies are announced by length or chunked") {
    CHECK(!good("GET / HTTP/1.1\r\nHost: a\r\n\r\n").has_body());
    CHECK(!good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").has_body());
    CHECK(good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0012\r\n\r\n").content_length == 12);
    CHECK(good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000000000\r\n\r\n").content_length ==
          1'000'000'000'000'000'000ull);
    CHECK(good("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n").chunked);
}

TEST_CASE("keep-alive follows the version and the connection header") {
    CHECK(good("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keep_alive);
    CHECK(!good("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keep_alive);
    CHECK(
        !good("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n").keep_alive);
    CHECK(!good("GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK(good("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
    CHECK(!good("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
}

TEST_CASE("100-continue is an expectation of HTTP/1.1 only") {
    CHECK(good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n")
              .expects_continue);
    CHECK(!good("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST_CASE("an invalid host is rejected") {
    for (const char* host : {"a", "a.example", "a_b-c.example:80", "127.0.0.1:8050", "[::1]", "[::1]:8050",
                             "[::ffff:1.2.3.4]:1", "a:", "A%20b", "a:65535"})
        CHECK_MESSAGE(parse("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), host);
    for (const char* host :
         {"",     "a b", "a,b", "a/b",    "a?b", "a#b",  "u@a", "a:b",  "a:80:80", "a:65536", "a:-1",
          "[::1", "::1", "[]",  "[::1]x", "[g]", "a\\b", "a%2", "a\"b", "<a>",     ":80"})
        CHECK_MESSAGE(!parse("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), host);
}

TEST_CASE("the path of a malformed request is found if it has one") {
    CHECK(path_of("GET /v1/x?q=1 HTTP/3.0\r\n") == "/v1/x");
    CHECK(path_of("GET /v1/x") == "/v1/x");
    CHECK(path_of("nonsense") == "");
    CHECK(path_of("") == "");
    CHECK(path_of("GET http://a/x HTTP/1.1") == "");
}

TEST_CASE("heads with random damage are either parsed or rejected") {
    const std::string whole =
        "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: a:1\r\nContent-Length: 12\r\nConnection: close, "
        "x\r\n"
        "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nUpgrade: h2c\r\nX-Y: z\r\n\r\n";
    const std::string_view spice = "\r\n\t :,;\0\x7f\x80/%#?*[]\"0aZ"sv;
    std::mt19937 random(1);
    for (int i = 0; i < 30'000; ++i) {
        std::string head = whole;
        for (std::size_t hits = random() % 4; hits > 0; --hits) {
            const std::size_t at = random() % head.size();
            switch (random() % 3) {
                case 0: head[at] = spice[random() % spice.size()]; break;
                case 1: head.insert(at, 1, spice[random() % spice.size()]); break;
                default: head.erase(at, random() % 8); break;
            }
        }
        HeadScanner scanner(1000, 20);
        auto size = scanner.scan(head);
        if (!size || *size == 0) continue;
        auto parsed = parse_head(std::string_view(head).substr(0, *size), 20);
        if (parsed) CHECK((parsed->head.path.starts_with('/') || parsed->head.path == "*"));
    }
}
