// SPDX-License-Identifier: Apache-2.0
// HttpClient with correct upstreams: the bytes of requests, responses split at any byte, and the
// reuse of connections.
#include "tests/core/net/client/upstream_fixture.hpp"

#include <doctest/doctest.h>

#include <mutex>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

/// Records the requests to an upstream.
struct Seen {
    std::mutex mutex;
    std::vector<std::string> requests;
    ScriptedUpstream::Script answering(std::string answer) {
        return [this, answer](Peer& peer, int) {
            for (;;) {
                std::string request = peer.request();
                if (request.empty()) return;
                {
                    std::lock_guard lock(mutex);
                    requests.push_back(std::move(request));
                }
                peer.send(answer);
            }
        };
    }
    std::string last() {
        std::lock_guard lock(mutex);
        return requests.empty() ? "" : requests.back();
    }
};

bool has_line(const std::string& request, const std::string& line) {
    return ("\r\n" + request).find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a response by length arrives with its head and body") {
    ScriptedUpstream server(always(sized("{\"ok\":true}", "201 Created")));
    Bench bench;
    auto answer = bench.get(server.url());
    CHECK(answer->ended);
    CHECK(answer->heads == 1);
    CHECK(answer->head.status == 201);
    CHECK(answer->head.headers.get("Content-Type") == "application/json");
    CHECK(answer->body == "{\"ok\":true}");
}

TEST_CASE("chunked, until-close, empty, HTTP/1.0 and HEAD responses all end correctly") {
    struct Case {
        const char* method;
        std::string answer, body;
        int status;
    };
    const Case cases[] = {
        {"GET",
         "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nx-trailer: "
         "1\r\n\r\n",
         "abcdefg", 200},
        {"GET", "HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end", 200},
        {"GET", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", "ok", 200},
        {"GET", "HTTP/1.0 200 OK\r\n\r\nold", "old", 200},
        {"GET", "HTTP/1.1 204 No Content\r\n\r\n", "", 204},
        {"GET", "HTTP/1.1 304 Not Modified\r\ncontent-length: 900\r\n\r\n", "", 304},
        {"GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "", 200},
        {"HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", "", 200},
        {"GET", "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 4\r\n\r\ngone",
         "gone", 302},
        {"GET", "HTTP/1.1 302 Found\r\nlocation: ::nonsense::\r\ncontent-length: 4\r\n\r\ngone", "gone", 302},
        {"GET", "HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=x\r\ncontent-length: 2\r\n\r\nno", "no",
         401},
        {"GET", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nraw", "raw", 200},
        {"GET",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 "
         "OK\r\ncontent-length: 2\r\n\r\nok",
         "ok", 200},
        {"GET", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok", "ok", 200},
    };
    for (const Case& each : cases) {
        CAPTURE(each.answer);
        ScriptedUpstream server(once(each.answer));
        Bench bench;
        auto answer = bench.fetch({each.method, server.url()});
        if (answer->error) MESSAGE(answer->error->message << " | " << answer->error->detail);
        CHECK(answer->ended);
        CHECK(answer->heads == 1);
        CHECK(answer->head.status == each.status);
        CHECK(answer->body == each.body);
        CHECK(answer->head.headers.get("link").empty());
    }
}

TEST_CASE("a response split at any byte is the same response") {
    const std::string answers[] = {
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: "
        "b\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 11\r\n\r\nhello world"};
    for (const std::string& whole : answers) {
        std::atomic<std::size_t> cut = 0;
        ScriptedUpstream server([&](Peer& peer, int) {
            while (!peer.request().empty()) {
                const std::size_t here = cut;
                peer.send(std::string_view(whole).substr(0, here));
                std::this_thread::sleep_for(1ms);
                peer.send(std::string_view(whole).substr(here));
            }
        });
        Bench bench;
        for (; cut <= whole.size(); ++cut) {
            auto answer = bench.get(server.url());
            const bool same = answer->ended && answer->heads == 1 && answer->body == "hello world" &&
                              answer->head.headers.get("x-a") == "b" && answer->head.headers.size() == 2;
            if (!same) CHECK_MESSAGE(same, "cut at " << cut.load() << ": " << answer->body);
        }
        CHECK(server.connections() == 1);
        CHECK(bench.loop.mistakes == 0);
    }
}

TEST_CASE("a response that arrives byte by byte is the same response") {
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        for (char c :
             std::string("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")) {
            peer.send({&c, 1});
            std::this_thread::sleep_for(200us);
        }
    });
    Bench bench;
    auto answer = bench.get(server.url());
    CHECK(answer->ended);
    CHECK(answer->body == "hello");
}

TEST_CASE("a request is sent as it was signed, with only the necessary additions") {
    Seen seen;
    ScriptedUpstream server(seen.answering(sized("{}")));
    Bench bench;
    http::Request request{"POST", server.url("/a/../b/./c?x=%2F&y=a+b")};
    request.headers = {{"date", "Thu, 05 Jan 2014 21:31:40 GMT"},
                       {"host", "inference.example.com"},
                       {"content-length", "16"},
                       {"content-type", "application/json"},
                       {"x-content-sha256", "V9Z20UJTvkvpJ50flBzKE32+6m2zJjweHpDMX/U4Uy0="},
                       {"authorization", "Signature version=\"1\",headers=\"date (request-target) host\""},
                       {"x-empty", ""},
                       {"expect", "100-continue"}};
    request.body = "{\"compartment\":1}";
    request.body.resize(16);
    auto answer = bench.fetch(request);
    CHECK(answer->ended);
    CHECK(seen.last() ==
          "POST /a/../b/./c?x=%2F&y=a+b HTTP/1.1\r\n"
          "Host: inference.example.com\r\n"
          "date: Thu, 05 Jan 2014 21:31:40 GMT\r\n"
          "content-length: 16\r\n"
          "content-type: application/json\r\n"
          "x-content-sha256: V9Z20UJTvkvpJ50flBzKE32+6m2zJjweHpDMX/U4Uy0=\r\n"
          "authorization: Signature version=\"1\",headers=\"date (request-target) host\"\r\n"
          "x-empty:\r\n"
          "user-agent: gatehouse/0.1.0\r\n"
          "accept-encoding: identity\r\n"
          "\r\n" +
              request.body);
}

TEST_CASE("host, content-length, user-agent and accept-encoding are added only if they are missing") {
    Seen seen;
    ScriptedUpstream server(seen.answering(sized("{}")));
    Bench bench;
    bench.get(server.url("/"));
    CHECK(seen.last() == "GET / HTTP/1.1\r\nHost: " + server.host() +
                             "\r\nuser-agent: gatehouse/0.1.0\r\naccept-encoding: identity\r\n\r\n");
    http::Request request{"GET", "http://" + server.host() + "?only=query"};
    request.headers = {{"Accept", "text/event-stream"}, {"User-Agent", "mine"}, {"Accept-Encoding", "gzip"}};
    bench.fetch(request);
    CHECK(seen.last().starts_with("GET /?only=query HTTP/1.1\r\n"));
    CHECK(has_line(seen.last(), "Accept: text/event-stream"));
    CHECK(has_line(seen.last(), "User-Agent: mine"));
    CHECK(has_line(seen.last(), "Accept-Encoding: gzip"));
    bench.post(server.url(), "");
    CHECK(has_line(seen.last(), "Content-Length: 0"));
    CHECK(seen.last().find("Content-Type") == std::string::npos);
}

TEST_CASE("every method is sent unchanged, with its body") {
    Seen seen;
    ScriptedUpstream server(seen.answering("HTTP/1.1 204 No Content\r\n\r\n"));
    Bench bench;
    // Twice, in two orders: an option of one request must not stay for the next.
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "HEAD", "PATCH",
                               "DELETE", "PUT", "POST", "GET"}) {
        for (const std::string body : {"", "{\"a\":1}"}) {
            if (!body.empty() && std::string(method) == "HEAD") continue;
            CAPTURE(method);
            CAPTURE(body);
            http::Request request{method, server.url("/m")};
            request.body = body;
            auto answer = bench.fetch(request);
            CHECK(answer->ended);
            CHECK(seen.last().starts_with(std::string(method) + " /m HTTP/1.1\r\n"));
            CHECK(seen.last().ends_with("\r\n\r\n" + body));
            CHECK(has_line(seen.last(), "Content-Length: 7") == !body.empty());
        }
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("bodies of any size arrive complete, in both directions") {
    for (unsigned size : {1u, 4095u, 65535u, 65536u, 70000u, 3000000u}) {
        CAPTURE(size);
        std::string body(size, ' ');
        for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
        ScriptedUpstream server([](Peer& peer, int) {
            for (;;) {
                const std::string request = peer.request();
                if (request.empty()) return;
                peer.send(sized(request.substr(request.find("\r\n\r\n") + 4)));
            }
        });
        Bench bench;
        auto answer = bench.post(server.url(), body);
        CHECK(answer->ended);
        CHECK(answer->body == body);
    }
}

TEST_CASE("invalid requests are rejected before a connection is made") {
    ScriptedUpstream server(always(sized("{}")));
    struct Case {
        http::Request request;
        const char* message;
    };
    const std::string url = server.url();
    const std::string other(url.substr(7));
    Case cases[] = {
        {{"GET", url, {{"x-a", "b\r\nx-c: d"}}},
         "the request to the upstream cannot be sent: the header x-a has a line break"},
        {{"GET", url, {{"x-a", "b\nc"}}},
         "the request to the upstream cannot be sent: the header x-a has a line break"},
        {{"GET", url, {{"x a", "b"}}},
         "the request to the upstream cannot be sent: a header has an invalid name"},
        {{"GET", url, {{"", "b"}}},
         "the request to the upstream cannot be sent: a header has an invalid name"},
        {{"POST", url, {{"content-length", "5"}}, "abc"},
         "the request to the upstream cannot be sent: its content-length is not the length of its body"},
        {{"POST", url, {{"transfer-encoding", "chunked"}}, "abc"},
         "the request to the upstream cannot be sent: it has a transfer-encoding header"},
        {{"GET x", url}, "the request to the upstream cannot be sent: its method is invalid"},
        {{"", url}, "the request to the upstream cannot be sent: its method is invalid"},
        {{"GET", "ftp://" + other},
         "the URL of the upstream cannot be used: it must begin with http:// or https://"},
        {{"GET", "file:///etc/passwd"},
         "the URL of the upstream cannot be used: it must begin with http:// or https://"},
        {{"GET", "http://user:secret@" + other},
         "the URL of the upstream cannot be used: a URL must not contain credentials; use a signer"},
        {{"GET", "http://h/\r\nx: y"},
         "the URL of the upstream cannot be used: it contains a blank, a control character or a non-ASCII character"},
        {{"GET", "http:///path"}, "the URL of the upstream cannot be used: it has no host"},
        {{"GET", "http://h:port/"}, "the URL of the upstream cannot be used: its port is not a number"},
        {{"GET", ""}, "the URL of the upstream cannot be used: it must begin with http:// or https://"},
    };
    Bench bench;
    for (Case& each : cases) {
        auto answer = bench.fetch(std::move(each.request));
        REQUIRE(answer->error);
        CHECK(answer->error->kind == ErrorKind::internal);
        CHECK(answer->error->message == each.message);
    }
    CHECK(server.connections() == 0);
}

TEST_CASE("a host with two addresses is reached at the second if the first refuses") {
    // localhost is 127.0.0.1 and ::1 for libcurl; the first has no listener.
    ScriptedUpstream server(always(sized("{}")), true);
    if (!server.port()) return;
    Bench bench;
    for (int i = 0; i < 20; ++i) {
        http::Request request{
            "GET", "http://localhost:" + std::to_string(server.port()) + "/", {{"connection", "close"}}};
        request.connect_timeout = patience;
        auto answer = bench.fetch(std::move(request));
        if (answer->error) MESSAGE(answer->error->message << " | " << answer->error->detail);
        CHECK(answer->ended);
    }
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("one connection serves one request after another") {
    ScriptedUpstream server(always(sized("{}")));
    Bench bench;
    for (int i = 0; i < 50; ++i) CHECK(bench.post(server.url(), "{}")->ended);
    CHECK(server.connections() == 1);
    CHECK(bench.loop.interest_changes <= 4);
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("a connection is reused after a chunked response") {
    ScriptedUpstream server(
        always("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"));
    Bench bench;
    for (int i = 0; i < 5; ++i) CHECK(bench.get(server.url())->body == "ok");
    CHECK(server.connections() == 1);
}

TEST_CASE(
    "an upstream that closes between requests causes no error, also for POST, and the loop does not spin") {
    std::atomic<bool> reset = false;
    ScriptedUpstream server([&](Peer& peer, int) {
        peer.request();
        peer.send(sized("{}"));
        std::this_thread::sleep_for(20ms);
        if (reset) peer.reset();
    });
    Bench bench;
    for (int i = 0; i < 6; ++i) {
        reset = i % 2;
        CHECK(bench.post(server.url(), "{}")->ended);
        bench.loop.wakeups = 0;
        CHECK(bench.loop.run_until([&] { return bench.loop.watched() == 0; }));
        bench.loop.run_for(60ms);
        CHECK(bench.loop.wakeups < 10);
    }
    CHECK(server.connections() == 6);
}

TEST_CASE("an upstream that closes just when the next request arrives causes no error, also for POST") {
    for (const unsigned size : {2u, 60000u, 900000u}) {
        CAPTURE(size);
        std::atomic<int> seen = 0;
        ScriptedUpstream server([&](Peer& peer, int connection) {
            peer.request();
            ++seen;
            peer.send(sized("{}"));
            if (connection % 2 == 0) return (void)peer.request();
            // The next request is in transit: close with and without reading it.
            pollfd arrived{peer.fd(), POLLIN, 0};
            poll(&arrived, 1, static_cast<int>(patience.count()));
            if (connection % 4 == 1) return peer.reset();
            char byte;
            (void)!recv(peer.fd(), &byte, 1, 0);
            shutdown(peer.fd(), SHUT_WR);
            peer.closed();
        });
        Bench bench;
        for (int i = 0; i < 4; ++i) {
            auto answer = bench.post(server.url(), std::string(size, 'x'));
            if (answer->error) MESSAGE(answer->error->message << " | " << answer->error->detail);
            CHECK(answer->ended);
        }
    }
}

TEST_CASE("a request that an upstream has held for long on a reused connection is not sent twice") {
    std::atomic<int> requests = 0;
    ScriptedUpstream server([&](Peer& peer, int connection) {
        for (;;) {
            if (peer.request().empty()) return;
            if (++requests == 2 && connection == 1) {
                std::this_thread::sleep_for(2200ms);
                return peer.reset();
            }
            peer.send(sized("{}"));
        }
    });
    Bench bench;
    CHECK(bench.post(server.url(), "{}")->ended);
    auto answer = bench.post(server.url(), "{}");
    REQUIRE(answer->error);
    CHECK(answer->error->message == "the upstream closed the connection without a response");
    CHECK(requests == 2);
    CHECK(bench.post(server.url(), "{}")->ended);
}

TEST_CASE("a connection is closed if its response requests it") {
    ScriptedUpstream server(always("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"));
    Bench bench;
    for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->ended);
    CHECK(server.connections() == 3);
}

TEST_CASE("the descriptors of ended idle connections are closed without further requests") {
    auto descriptors = [] {
        int count = 0;
        for (int fd = 0; fd < 1024; ++fd) count += fcntl(fd, F_GETFD) != -1;
        return count;
    };
    std::atomic<bool> close_now = false;
    ScriptedUpstream server([&](Peer& peer, int) {
        peer.request();
        peer.send(sized("{}"));
        while (!close_now) std::this_thread::sleep_for(5ms);
    });
    Bench bench;
    const int before = descriptors();
    std::vector<std::unique_ptr<Recorder>> answers;
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (int i = 0; i < 20; ++i) {
        answers.push_back(std::make_unique<Recorder>());
        transfers.push_back(bench.upstream->start({"GET", server.url()}, *answers.back()));
    }
    for (auto& answer : answers) CHECK(bench.loop.run_until([&] { return answer->ended; }));
    CHECK(descriptors() >= before + 20);
    close_now = true;
    CHECK(bench.loop.run_until([&] { return descriptors() <= before; }));
    CHECK(bench.loop.mistakes == 0);
}
