// SPDX-License-Identifier: Apache-2.0
// Requests and responses through TLS: split at any byte, large, slow, and the end of both sides.
#include "tests/core/net/server/test_application.hpp"
#include "tests/core/tls/tls_client.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using namespace std::chrono_literals;

namespace {

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nhost: a\r\n\r\n"; }
std::string post(const std::string& body) {
    return "POST /echo?limit=8000000 HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}
std::string text_of(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
    return text;
}
std::string only_body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

struct Fixture {
    explicit Fixture(ServerLimits limits = {}, int workers = 1) : server(limits, workers, all.tls()) {}
    std::unique_ptr<TlsClient> client(int version = TLS1_3_VERSION) {
        auto one = std::make_unique<TlsClient>(server.port(), all, [&](SSL_CTX& snapshot) {
            SSL_CTX_set_min_proto_version(&snapshot, version);
            SSL_CTX_set_max_proto_version(&snapshot, version);
        });
        REQUIRE(one->handshake_step());
        return one;
    }
    Identities all;
    TestServer server;
};

}  // namespace

TEST_CASE("a body comes through in records and packets of any size") {
    Fixture fixture;
    const std::string body = text_of(300'000);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (const std::size_t piece : {0, 7'777, 65'536}) {
            auto client = fixture.client(version);
            client->piece = piece;
            CHECK(only_body(client->ask(post(body))) == body);
            SSL_set_max_send_fragment(client->ssl, 600);
            CHECK(only_body(client->ask(post(body))) == body);
        }
    auto client = fixture.client();
    client->send(get("/hello") + post("two") + get("/hello"));  // three requests in one record
    CHECK(only_body(client->answer()).starts_with("hello"));
    auto chunked = fixture.client();
    chunked->piece = 3;
    CHECK(only_body(chunked->ask("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
                                 "5\r\nhello\r\n6;x=y\r\n, you!\r\n0\r\n\r\n")) == "hello, you!");
}

TEST_CASE("large responses and streams arrive complete, even if the client reads slowly") {
    Fixture fixture;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto client = fixture.client(version);
        CHECK(only_body(client->ask(get("/big?size=3000000"))) == std::string(3'000'000, 'b'));
        client->send(get("/stream?count=3000&size=1000"));
        std::this_thread::sleep_for(100ms);  // until the sockets are full
        const std::string stream =
            client->read_until([](const std::string& all) { return all.ends_with("\r\n0\r\n\r\n"); });
        const std::string pieces = only_body(stream);
        CHECK(std::count(pieces.begin(), pieces.end(), 's') == 3'000'000);
        CHECK(only_body(client->ask(get("/hello"))) == "hello");
    }
    CHECK(fixture.server.counters().writable > 0);
}

TEST_CASE("the server sends close_notify, and a client detects a truncated response") {
    ServerLimits limits;
    limits.keep_alive = 2s;
    Fixture fixture(limits);
    auto idle = fixture.client();
    CHECK(only_body(idle->ask(get("/hello"))) == "hello");
    CHECK(idle->read_to_end() == "");
    CHECK(idle->ended_well());
    auto closing = fixture.client();
    CHECK(only_body(closing->ask("GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")) == "hello");
    CHECK(closing->read_to_end() == "");
    CHECK(closing->ended_well());
    auto wrong = fixture.client();
    CHECK(wrong->ask("GET / HTTP/1.1\r\nhost: a\r\nbroken\r\n\r\n").starts_with("HTTP/1.1 400"));
    CHECK(wrong->read_to_end() == "");
    CHECK(wrong->ended_well());
    auto broken = fixture.client();  // HTTP/1.0: the end of the connection ends the response
    broken->send("GET /abort HTTP/1.0\r\n\r\n");
    broken->read_to_end();
    CHECK_FALSE(broken->ended_well());
}

TEST_CASE("a half-closed client receives its response, and a disconnect is detected") {
    Fixture fixture;
    for (const bool notify : {true, false}) {
        auto client = fixture.client();
        client->send(get("/later?ms=500"));
        if (notify) SSL_shutdown(client->ssl);
        client->push();
        client->socket().finish();
        CHECK(only_body(client->answer()) == "later");
    }
    CHECK(eventually([&] { return fixture.server.counters().half_closed == 2; }));
    auto rude = fixture.client();
    rude->send(get("/hang"));
    CHECK(eventually([&] { return fixture.server.counters().requests == 3; }));
    rude->socket().reset();
    CHECK(eventually([&] { return fixture.server.counters().gone == 1; }));
}

TEST_CASE("an error within TLS ends only its connection") {
    Fixture fixture;
    auto broken = fixture.client();
    broken->socket().send(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'));
    CHECK(broken->read_to_end() == "");
    auto endless = fixture.client();
    for (int i = 0; i < 5000; ++i) {  // key updates without data
        SSL_key_update(endless->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(endless->ssl);
    }
    endless->push();
    CHECK(endless->ask(get("/hello")) == "");
    auto moderate = fixture.client();
    for (int i = 0; i < 3; ++i) {
        SSL_key_update(moderate->ssl, SSL_KEY_UPDATE_REQUESTED);
        CHECK(only_body(moderate->ask(get("/hello"))) == "hello");
    }
    auto again = fixture.client(TLS1_2_VERSION);  // no renegotiation
    SSL_renegotiate(again->ssl);
    again->handshake_step();
    CHECK(again->ask(get("/hello")) == "");
    auto good = fixture.client();
    CHECK(only_body(good->ask(get("/hello"))) == "hello");
}

TEST_CASE("many concurrent clients, with and without TLS, leave no trace, also if they disconnect abruptly") {
    Fixture fixture({}, 3);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 6; ++thread)
        threads.emplace_back([&, thread] {
            TlsClient::Session session;
            for (int turn = 0; turn < 12; ++turn) {
                TlsClient client(fixture.server.port(), fixture.all);
                if (session) client.resume(session);
                if ((turn + thread) % 6 == 5) {  // disconnects during its handshake
                    SSL_do_handshake(client.ssl);
                    client.push();
                    client.socket().reset();
                    continue;
                }
                const std::string body = text_of(1 + static_cast<std::size_t>(turn * 9'000));
                if (!client.handshake_step() || only_body(client.ask(post(body))) != body) ++wrong;
                if (client.session()) session = client.session();
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(eventually([&] { return fixture.server.server.connections() == 0; }));
    CHECK(fixture.server.counters().alive == 0);
}
