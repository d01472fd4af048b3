// SPDX-License-Identifier: Apache-2.0
// The server from outside: the responses to well-formed requests on a raw socket, in pieces of
// any size.
#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/net/server/test_application.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawAnswer;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {
const std::string host = "host: test\r\n";
std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\n" + host + fields + "\r\n";
}
std::string post(const std::string& target, const std::string& body, const std::string& fields = {}) {
    return "POST " + target + " HTTP/1.1\r\n" + host + fields +
           "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
}  // namespace

TEST_CASE("a request receives its response, and the connection serves the next request") {
    TestServer server;
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        const RawAnswer answer = client.ask(get("/hello"));
        CHECK(answer.status == 200);
        CHECK(answer.body == "hello");
        CHECK(answer.headers.get("date").size() == 29);
        CHECK(answer.headers.get("content-type") == "text/plain");
        CHECK(!answer.headers.has("connection"));
    }
    CHECK(server.server.connections() == 1);
    client.close();
    CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("the application sees the head and the address") {
    TestServer server;
    RawClient client(server.port());
    CHECK(client.ask(get("/head?a=b", "X-Y: z\r\n")).body == "GET /head a=b 127.0.0.1\nhost=test\nX-Y=z\n");
}

TEST_CASE("bodies by length and chunked arrive complete, split at any byte") {
    TestServer server;
    const std::string by_length = post("/echo", "hello world!");
    const std::string chunked =
        "POST /echo HTTP/1.1\r\n" + host +
        "transfer-encoding: chunked\r\n\r\n6;a=b\r\nhello \r\n6\r\nworld!\r\n0\r\nx: y\r\n\r\n";
    for (const std::string& request : {by_length, chunked}) {
        RawClient client(server.port());
        for (std::size_t cut = 1; cut <= request.size(); ++cut) {
            client.send(request.substr(0, cut));
            if (cut % 3 == 0) std::this_thread::sleep_for(1ms);
            client.send(request.substr(cut));
            const RawAnswer answer = client.answer();
            REQUIRE(answer.status == 200);
            REQUIRE(answer.body == "hello world!");
        }
        for (const char& byte : request) client.send({&byte, 1});
        CHECK(client.answer().body == "hello world!");
    }
}

TEST_CASE("a large body arrives complete, followed by the next request") {
    TestServer server;
    RawClient client(server.port());
    std::string body(900'000, 'x');
    for (std::size_t i = 0; i < body.size(); i += 17) body[i] = static_cast<char>('a' + i % 26);
    client.send(post("/echo", body) + get("/hello"));
    const RawAnswer answer = client.answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == body);
    CHECK(client.answer().body == "hello");
}

TEST_CASE("pipelined requests receive their responses in order") {
    TestServer server;
    RawClient client(server.port());
    client.send(get("/later?ms=20") + post("/echo", "two") + get("/hello") + get("/later?ms=1") +
                get("/nothing"));
    CHECK(client.answer().body == "later");
    CHECK(client.answer().body == "two");
    CHECK(client.answer().body == "hello");
    CHECK(client.answer().body == "later");
    CHECK(client.answer().status == 204);
}

TEST_CASE("thousands of pipelined requests neither recurse nor starve others") {
    TestServer server({}, 1);
    RawClient client(server.port());
    std::string many;
    for (int i = 0; i < 5000; ++i) many += get("/hello");
    std::thread sender([&] { client.send(many); });
    RawClient other(server.port());
    CHECK(other.ask(get("/hello")).status == 200);
    for (int i = 0; i < 5000; ++i) REQUIRE(client.answer().body == "hello");
    sender.join();
}

TEST_CASE("empty lines before a request are skipped") {
    TestServer server;
    RawClient client(server.port());
    CHECK(client.ask("\r\n\r\n" + get("/hello")).status == 200);
    client.send("\r");
    std::this_thread::sleep_for(5ms);
    CHECK(client.ask("\n" + get("/hello")).status == 200);
}

TEST_CASE("a response to HEAD has no body and keeps its content-length") {
    TestServer server;
    RawClient client(server.port());
    const RawAnswer answer = client.ask("HEAD /big?size=1000 HTTP/1.1\r\n" + host + "\r\n", true);
    CHECK(answer.status == 200);
    CHECK(answer.headers.get("content-length") == "1000");
    const RawAnswer stream = client.ask("HEAD /stream?count=5&size=3 HTTP/1.1\r\n" + host + "\r\n", true);
    CHECK(stream.headers.get("transfer-encoding") == "chunked");
    CHECK(client.ask(get("/hello")).body == "hello");
}

TEST_CASE("204 has neither body nor length") {
    TestServer server;
    RawClient client(server.port());
    const RawAnswer answer = client.ask(get("/nothing"));
    CHECK(answer.status == 204);
    CHECK(!answer.headers.has("content-length"));
    CHECK(client.ask(get("/hello")).body == "hello");
}

TEST_CASE("an HTTP/1.0 connection closes unless keep-alive is requested, and receives no chunks") {
    TestServer server;
    {
        RawClient client(server.port());
        const RawAnswer answer = client.ask("GET /hello HTTP/1.0\r\n\r\n");
        CHECK(answer.body == "hello");
        CHECK(answer.headers.get("connection") == "close");
        CHECK(client.closed_by_server());
    }
    {
        RawClient client(server.port());
        CHECK(client.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").headers.get("connection") ==
              "keep-alive");
        const RawAnswer stream =
            client.ask("GET /stream?count=3&size=2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(!stream.headers.has("transfer-encoding"));
        CHECK(stream.body == "ssssss");
        CHECK(stream.complete);
    }
}

TEST_CASE("connection: close is obeyed") {
    TestServer server;
    RawClient client(server.port());
    const RawAnswer answer = client.ask(get("/hello", "connection: close\r\n"));
    CHECK(answer.body == "hello");
    CHECK(answer.headers.get("connection") == "close");
    CHECK(client.closed_by_server());
    CHECK(!client.was_reset());
}

TEST_CASE("100-continue is sent when the application reads the body, and not before") {
    TestServer server;
    {
        RawClient client(server.port());
        client.send("POST /echo HTTP/1.1\r\n" + host + "expect: 100-continue\r\ncontent-length: 2\r\n\r\n");
        CHECK(client.answer().status == 100);
        client.send("ok");
        CHECK(client.answer().body == "ok");
    }
    {
        RawClient client(server.port());
        const RawAnswer answer = client.ask("POST /echo?limit=10 HTTP/1.1\r\n" + host +
                                            "expect: 100-continue\r\ncontent-length: 20\r\n\r\n");
        CHECK(answer.status == 413);
        CHECK(answer.headers.get("connection") == "close");
    }
    {
        RawClient client(server.port());
        CHECK(
            client
                .ask("POST /echo HTTP/1.1\r\n" + host + "expect: 100-continue\r\ncontent-length: 2\r\n\r\nok")
                .body == "ok");
    }
}

TEST_CASE("an unread body ends the connection, unless it is already buffered") {
    TestServer server;
    {
        RawClient client(server.port());
        CHECK(client.ask(post("/hello", "small")).body == "hello");
        CHECK(client.ask(get("/hello")).body == "hello");
    }
    {
        RawClient client(server.port());
        client.send("POST /hello HTTP/1.1\r\n" + host + "content-length: 3000000\r\n\r\n");
        const RawAnswer answer = client.answer();
        CHECK(answer.body == "hello");
        CHECK(answer.headers.get("connection") == "close");
    }
    {
        RawClient client(server.port());
        client.send(post("/hello", std::string(3'000'000, 'x')) + get("/hello"));
        CHECK(client.answer().body == "hello");
        CHECK(client.read_to_end() == "");
        CHECK(!client.was_reset());
    }
}

TEST_CASE("a response cannot be split by the application's text") {
    TestServer server;
    RawClient client(server.port());
    const RawAnswer answer = client.ask(get("/inject"));
    CHECK(answer.headers.get("x-one") == "a  x-evil: 1");
    CHECK(!answer.headers.has("x-evil"));
    CHECK(answer.headers.get("content-length") == "2");
    CHECK(answer.body == "ok");
}

TEST_CASE("a stream is sent in chunks and the connection is kept") {
    TestServer server;
    RawClient client(server.port());
    const RawAnswer answer = client.ask(get("/stream?count=1000&size=100"));
    CHECK(answer.complete);
    CHECK(answer.headers.get("transfer-encoding") == "chunked");
    CHECK(answer.body == std::string(100'000, 's'));
    CHECK(client.ask(get("/hello")).body == "hello");
}

TEST_CASE("an aborted response is detectably incomplete") {
    TestServer server;
    {
        RawClient client(server.port());
        const RawAnswer answer = client.ask(get("/abort"));
        CHECK(answer.body == "the beginning");
        CHECK(!answer.complete);
        CHECK(client.closed_by_server());
    }
    {
        RawClient client(server.port());
        CHECK(!client.ask("GET /abort HTTP/1.0\r\n\r\n").complete);
    }
}

TEST_CASE("a client that has sent FIN still gets its responses") {
    TestServer server;
    RawClient client(server.port());
    client.send(get("/later?ms=30") + get("/hello"));
    client.finish();
    CHECK(client.answer().body == "later");
    CHECK(client.answer().body == "hello");
    CHECK(client.closed_by_server());
    CHECK(server.counters().half_closed >= 1);
    CHECK(server.counters().gone == 0);
}

TEST_CASE("a disconnect is detected while a request runs, whatever the client has sent before") {
    TestServer server;
    const std::string flood = get("/hang") + std::string(3'000'000, 'x');
    for (const std::string& request : {get("/hang"), flood}) {
        {
            const int before = server.counters().gone;
            RawClient client(server.port());
            std::thread sender([&] { client.send(request); });
            CHECK(eventually([&] { return server.counters().alive == 1; }));
            if (request.size() > 1000) std::this_thread::sleep_for(50ms);
            ::shutdown(client.fd(), SHUT_RD);
            if (request.size() > 1000) {
                ::shutdown(client.fd(), SHUT_RDWR);  // lets the sender's call return
                sender.join();
            } else {
                sender.join();
            }
            client.reset();
            CHECK(eventually([&] { return server.counters().gone == before + 1; }));
            CHECK(eventually([&] { return server.counters().alive == 0; }));
        }
    }
    {
        RawClient client(server.port());
        client.send(get("/hang"));
        client.finish();
        CHECK(eventually([&] { return server.counters().half_closed == 1; }));
        client.reset();
        CHECK(eventually([&] { return server.counters().alive == 0; }));
    }
}

TEST_CASE("a truncated request receives 400") {
    TestServer server;
    for (const std::string& request :
         {std::string("GET / HTTP/1.1\r\nhost: a"),
          "POST /echo HTTP/1.1\r\n" + host + "content-length: 9\r\n\r\nabc",
          "POST /echo HTTP/1.1\r\n" + host + "transfer-encoding: chunked\r\n\r\n9\r\nabc"}) {
        RawClient client(server.port());
        client.send(request);
        client.finish();
        CHECK(client.answer().status == 400);
        CHECK(client.closed_by_server());
    }
}

TEST_CASE("an exception of the application closes only its own connection") {
    TestServer server({}, 1);
    RawClient other(server.port());
    CHECK(other.ask(get("/hello")).status == 200);
    RawClient client(server.port());
    client.send(get("/throw"));
    CHECK(client.closed_by_server());
    CHECK(other.ask(get("/hello")).status == 200);
}
