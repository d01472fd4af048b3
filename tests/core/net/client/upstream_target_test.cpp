// SPDX-License-Identifier: Apache-2.0
// Local hosts, the public part of a URL, and rejected heads.
#include "core/net/client/upstream_target.hpp"
#include "core/net/client/response_head.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gatehouse;
using namespace gatehouse::core;

TEST_CASE("hosts on this machine or its link are never reached through a proxy") {
    for (const char* host :
         {"localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.255.0.3", "127.1",
          "2130706433", "0x7f000001", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "169.254.169.254",
          "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "febf::1", "fd00:c1::a9fe:a9fe"})
        CHECK_MESSAGE(never_proxied(host), host);
    for (const char* host :
         {"", "example.com", "localhost.example.com", "128.0.0.1", "10.0.0.1", "169.253.0.1", "::2",
          "fec0::1", "fd00:c1::a9fe:a9ff", "2001:db8::1", "127.0.0.1.example.com", "xlocalhost"})
        CHECK_MESSAGE(!never_proxied(host), host);
}

TEST_CASE("a message names only the host and the port of a URL") {
    auto label = [](std::string_view url) { return upstream_target(url)->label; };
    CHECK(label("https://Inference.Example.com/20231130/chat?key=secret") == "inference.example.com");
    CHECK(label("http://127.0.0.1:9000?x") == "127.0.0.1:9000");
    CHECK(label("HTTPS://[2001:DB8::1]:8443/") == "[2001:db8::1]:8443");
    CHECK(upstream_target("https://[2001:DB8::1]:8443/")->host == "2001:db8::1");
    for (const char* url :
         {"", "http:", "http://", "http://:80/", "http://a:99999999/", "http://a b/", "http://a:b@c/",
          "http://[::1/", "http://[::1]x/", "http://a\x80/", "http://a|b/", "gopher://a/", "//a/"})
        CHECK_MESSAGE(!upstream_target(url), url);
}

TEST_CASE("heads with an ambiguous body length are rejected") {
    auto state = [](std::string_view text) {
        ResponseHeadParser head;
        head.reset(1000);
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
            head.take(text.substr(0, end));
            text.remove_prefix(end);
        }
        return head.state();
    };
    using State = ResponseHeadParser::State;
    CHECK(state("HTTP/1.1 200 OK\r\na: b\r\n\r\n") == State::complete);
    CHECK(state("HTTP/1.1 200 OK\na: b\n\n") == State::complete);
    CHECK(state("HTTP/1.1 200 OK\r\na: b\r\n") == State::reading);
    CHECK(
        state(
            "HTTP/1.1 100 Go on\r\ncontent-length: 3\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n") ==
        State::complete);
    CHECK(state("HTTP/1.1 200 OK\r\na: " + std::string(1000, 'b') + "\r\n") == State::too_large);
    for (const char* bad : {"HTTP/2 200\r\n",
                            "HTTP/1.1 20\r\n",
                            "HTTP/1.1 2000\r\n",
                            "HTTP/1.1 099 x\r\n",
                            "HTTP/1.2 200 OK\r\n",
                            "http/1.1 200 OK\r\n",
                            "ICY 200 OK\r\n",
                            "HTTP/1.1  200 OK\r\n",
                            "HTTP/1.1 200 OK\r\nno colon\r\n",
                            "HTTP/1.1 200 OK\r\na : b\r\n",
                            "HTTP/1.1 200 OK\r\na: b\r\n folded\r\n",
                            "HTTP/1.1 200 OK\r\n: b\r\n",
                            "HTTP/1.1 200 OK\r\na: b\rc\r\n",
                            "HTTP/1.1 200 OK\r\na: b\x01\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length:\r\n",
                            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n",
                            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n",
                            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n",
                            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
                            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n",
                            "HTTP/1.1 101 Switch\r\n\r\n"})
        CHECK_MESSAGE(state(bad) == State::broken, bad);
}

TEST_CASE("an origin is the part of a URL before its path") {
    CHECK(origin_of("https://a.test:8443/v1/chat?x=//b") == "https://a.test:8443");
    CHECK(origin_of("http://a.test") == "http://a.test");
    CHECK(origin_of("http://a.test?x=/") == "http://a.test");
    CHECK(origin_of("http://[::1]:80/") == "http://[::1]:80");
    CHECK(origin_of("http:/a") == "http:");
    CHECK(origin_of("").empty());
}
