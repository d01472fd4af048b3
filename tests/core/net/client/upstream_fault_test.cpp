// SPDX-License-Identifier: Apache-2.0
// HttpClient with faulty upstreams: each fault has its error within its timeout, and no
// connection is reused after a fault.
#include "tests/core/net/client/upstream_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

const std::string head_200 = "HTTP/1.1 200 OK\r\n";

HttpClientSettings quick() {
    HttpClientSettings settings;
    settings.timeouts.connect = 400ms;
    settings.timeouts.first_byte = 300ms;
    settings.timeouts.idle = 200ms;
    settings.timeouts.response = 1000ms;
    return settings;
}

/// A port of this machine without a listener.
int closed_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

}  // namespace

TEST_CASE("the client receives the reason of a failure, the log also the host, and neither the query") {
    Bench bench;
    const std::string host = "127.0.0.1:" + std::to_string(closed_port());
    auto answer = bench.get("http://" + host + "/path?key=secret");
    REQUIRE(answer->error);
    CHECK(answer->error->kind == ErrorKind::upstream);
    CHECK(answer->error->message == "the upstream cannot be reached: connection refused");
    CHECK(answer->error->detail.starts_with(host + ": "));
    CHECK(answer->error->detail.find("secret") == std::string::npos);
    CHECK(answer->heads == 0);
}

TEST_CASE("an unknown host name is an error, and its look-up can be cancelled without delay") {
    Bench bench;
    auto answer = bench.get("http://no-such-host.invalid/?key=secret");
    REQUIRE(answer->error);
    CHECK((answer->error->message == "the name of the upstream cannot be resolved" ||
           answer->error->kind == ErrorKind::timeout));  // the resolver does not respond either
    CHECK(answer->error->detail.find("secret") == std::string::npos);
    // A label above 63 bytes is refused without a name server.  libcurl does not tell the cause.
    const bool tells = std::getenv("TESTED_UPSTREAM") == nullptr;
    CHECK(bench.get("http://" + std::string(70, 'x') + ".invalid/")->permanent == tells);

    Recorder recorder;
    auto transfer = bench.upstream->start({"GET", "http://no-such-host-either.invalid/"}, recorder);
    bench.loop.run_for(1ms);
    const auto start = Clock::now();
    transfer.reset();
    CHECK(Clock::now() - start < 3s);
    bench.loop.run_for(20ms);
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("many requests for an unresolved name cause one look-up, and all get its result") {
    auto threads = [] {
        const std::filesystem::directory_iterator tasks("/proc/self/task"), end;
        return std::distance(tasks, end);
    };
    Bench bench;
    std::vector<std::unique_ptr<Recorder>> answers;
    std::vector<std::unique_ptr<Transfer>> transfers;
    const auto before = threads();
    auto most = before;
    for (int i = 0; i < 100; ++i) {
        answers.push_back(std::make_unique<Recorder>());
        http::Request request{"GET", "http://no-such-host-" + std::to_string(i % 2) + ".invalid/"};
        request.connect_timeout = 1s;
        transfers.push_back(bench.upstream->start(std::move(request), *answers.back()));
    }
    transfers[0].reset();  // the leader and the followers
    transfers[50].reset();
    const auto start = Clock::now();
    bench.loop.run_until([&] {
        most = std::max(most, threads());
        return std::count_if(answers.begin(), answers.end(),
                             [](const auto& answer) { return answer->over(); }) == 98;
    });
    CHECK(Clock::now() - start < 30s);  // one after the other would take 98 s
    CHECK(most <= before + 3);
    for (std::size_t i = 0; i < answers.size(); ++i)
        CHECK(answers[i]->error.has_value() == (i != 0 && i != 50));
    CHECK(bench.loop.mistakes == 0);
}

TEST_CASE("responses that are truncated, malformed or not HTTP are errors and never complete") {
    struct Case {
        std::string answer, message;  // after "the upstream HOST "
    };
    const std::string cut = "closed the connection during the response",
                      garbage = "did not send a valid HTTP response",
                      chunked = head_200 + "transfer-encoding: chunked\r\n\r\n",
                      bad_chunk = "sent a malformed chunked body";
    const Case cases[] = {
        {"", "closed the connection without a response"},
        {"HTT", "closed the connection without a response"},
        {head_200, cut},
        {head_200 + "content-length: 5\r\n", cut},
        {"HTTP/1.1 100 Continue\r\n\r\n", "closed the connection without a response"},
        {head_200 + "content-length: 5\r\n\r\n", cut},
        {head_200 + "content-length: 5\r\n\r\nabcd", cut},
        {head_200 + "content-length: 5\r\n\r\nabcdefgh", "sent more bytes than its content-length"},
        {chunked, cut},
        {chunked + "5\r\nab", cut},
        {chunked + "2\r\nab\r\n", cut},
        {chunked + "2\r\nab\r\n0\r\n", cut},
        {chunked + "2\r\nab\r\n0\r\nx-trailer: 1\r\n", cut},
        {chunked + "zz\r\nab\r\n0\r\n\r\n", bad_chunk},
        {chunked + "-2\r\nab\r\n0\r\n\r\n", bad_chunk},
        {chunked + "2\r\nabcd\r\n0\r\n\r\n", bad_chunk},
        {chunked + "11111111111111111\r\nab\r\n0\r\n\r\n", bad_chunk},
        {"<html><body>no head at all</body></html>", garbage},
        {"\x16\x03\x01 TLS where HTTP was meant", garbage},
        {"SSH-2.0-OpenSSH_9.2\r\n", garbage},
        {"HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\nok", garbage},
        {"HTTP/1.1 2x0 OK\r\ncontent-length: 2\r\n\r\nok", garbage},
        {"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nbytes", garbage},
        {head_200 + "no colon\r\n\r\n", garbage},
        {head_200 + std::string("nul: a\0b\r\n\r\n", 12), garbage},
        {head_200 + "content-length: five\r\n\r\nhello", garbage},
        {head_200 + "content-length: -5\r\n\r\nhello", garbage},
        {head_200 + "content-length: 5\r\ncontent-length: 6\r\n\r\nhello", garbage},
        {head_200 + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", garbage},
        {head_200 + "transfer-encoding: gzip\r\n\r\nhello", garbage},
        {head_200 + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", garbage},
        {head_200 + "transfer-encoding: identity\r\n\r\nhello", garbage},
    };
    for (const Case& each : cases) {
        CAPTURE(each.answer);
        ScriptedUpstream server(once(each.answer));
        Bench bench;
        auto answer = bench.post(server.url("/x?key=secret"), "{}");
        CHECK(!answer->ended);
        REQUIRE(answer->error);
        CHECK(answer->error->kind == ErrorKind::upstream);
        CHECK(answer->error->message == "the upstream " + each.message);
        CHECK((answer->error->message + answer->error->detail).find("secret") == std::string::npos);
        // The host, and the reason in words.
        const std::string& detail = answer->error->detail;
        CHECK(std::regex_match(detail, std::regex("127\\.0\\.0\\.1(:\\d+)?: [^:]*[a-z]{3}[^]*")));
        const bool tls = each.answer.starts_with("\x16\x03") && std::getenv("TESTED_UPSTREAM") == nullptr;
        CHECK(answer->permanent == tls);
        CHECK((answer->error->detail.find("it uses TLS on this port") != std::string::npos) == tls);
        CHECK(answer->calls_after_the_end == 0);
        CHECK(server.connections() == 1);
        CHECK(bench.loop.mistakes == 0);
        CHECK(bench.loop.watched() == 0);
    }
}

TEST_CASE("a reset at any byte is an error and never a complete response") {
    const std::string whole = head_200 + "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(std::string_view(whole).substr(0, cut));
            std::this_thread::sleep_for(2ms);
            peer.reset();
        });
        Bench bench;
        auto answer = bench.get(server.url());
        CHECK_MESSAGE((!answer->ended && answer->error), "cut at " << cut);
    }
}

TEST_CASE("endless heads are rejected, in one line, in many lines, and in interim responses") {
    const std::string endless[] = {head_200 + "x: ", head_200, "HTTP/1.1 100 Continue\r\n\r\n"};
    const std::string more[] = {std::string(4096, 'a'), "x-header: 0123456789\r\n",
                                "HTTP/1.1 100 Continue\r\n\r\n"};
    for (int i = 0; i < 3; ++i) {
        CAPTURE(i);
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(endless[i]);
            for (int n = 0; n < 100000 && peer.send(more[i]); ++n) continue;
        });
        Bench bench;
        auto answer = bench.get(server.url());
        REQUIRE(answer->error);
        CHECK(answer->heads == 0);
        CHECK(answer->error->kind == ErrorKind::upstream);
        CHECK(answer->error->message == "the upstream sent a response head that is too large");
    }
}

TEST_CASE("endless trailers and chunk extensions are rejected or time out") {
    for (const std::string start : {"0\r\n", "1;"}) {
        CAPTURE(start);
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(head_200 + "transfer-encoding: chunked\r\n\r\n" + start);
            while (peer.send(start == "1;" ? "extension=x;" : "x-trailer: 0123456789\r\n")) continue;
        });
        Bench bench(quick());
        auto answer = bench.get(server.url());
        CHECK(answer->heads == 1);
        REQUIRE(answer->error);
        CHECK(!answer->ended);
    }
}

TEST_CASE("silence in each stage ends with the timeout of that stage") {
    struct Case {
        std::string answer, message;
        std::chrono::milliseconds least;
    };
    const Case cases[] = {
        {"", " sent no response within 300 ms", 300ms},
        {"HTTP/1.1 20", " sent no response within 300 ms", 300ms},
        {head_200, " did not complete the head of its response within 200 ms", 200ms},
        {"HTTP/1.1 100 Continue\r\n\r\n", " sent no response within 300 ms", 300ms},
        {"HTTP/1.1 102 Processing\r\na: b\r\n", " did not complete the head of its response within 200 ms",
         200ms},
        {"HTTP/1.1 102 Processing\r\n\r\n" + head_200,
         " did not complete the head of its response within 200 ms", 200ms},
        {head_200 + "content-length: 9\r\n\r\n", " stopped during its response and sent nothing for 200 ms",
         200ms},
        {head_200 + "content-length: 9\r\n\r\nabc",
         " stopped during its response and sent nothing for 200 ms", 200ms},
        {head_200 + "\r\nuntil close", " stopped during its response and sent nothing for 200 ms", 200ms},
    };
    for (const Case& each : cases) {
        CAPTURE(each.answer);
        std::atomic<bool> closed = false;
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(each.answer);
            closed = peer.closed().has_value();
        });
        HttpClientSettings settings = quick();
        // Only the timeout of this stage may end it.
        settings.timeouts.response = patience;
        if (!each.message.starts_with(" sent no response")) settings.timeouts.first_byte = patience;
        Bench bench(settings);
        const auto start = Clock::now();
        auto answer = bench.get(server.url());
        const auto took = Clock::now() - start;
        REQUIRE(answer->error);
        CHECK(answer->error->kind == ErrorKind::timeout);
        CHECK(answer->error->message == "the upstream" + std::string(each.message));
        CHECK(took >= each.least);
        CHECK(bench.loop.run_until([&] { return closed.load(); }));
    }
}

TEST_CASE("a head and a body that arrive byte by byte end with the timeouts for the head and in total") {
    for (const bool in_body : {false, true}) {
        CAPTURE(in_body);
        ScriptedUpstream server([&](Peer& peer, int) {
            peer.request();
            peer.send(in_body ? head_200 + "\r\n" : head_200);
            while (peer.send(in_body ? "x" : "a: b\r\n")) std::this_thread::sleep_for(20ms);
        });
        HttpClientSettings settings = quick();
        settings.timeouts.first_byte = patience;
        (in_body ? settings.timeouts.idle : settings.timeouts.response) = patience;
        Bench bench(settings);
        auto answer = bench.get(server.url());
        REQUIRE(answer->error);
        CHECK(answer->error->kind == ErrorKind::timeout);
        CHECK(answer->error->message ==
              std::string("the upstream") +
                  (in_body ? " did not complete its response within 1000 ms"
                           : " did not complete the head of its response within 200 ms"));
    }
}

TEST_CASE("a request's own timeouts override the settings") {
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        peer.closed();
    });
    Bench bench;
    http::Request request{"GET", server.url()};
    request.first_byte_timeout = 50ms;
    CHECK(bench.fetch(request)->error->message == "the upstream sent no response within 50 ms");
    request.first_byte_timeout = {};
    request.total_timeout = 60ms;
    CHECK(bench.fetch(request)->error->message == "the upstream did not complete its response within 60 ms");
    CHECK(bench.loop.timers() <= 1);  // only the timer for idle connections remains
}

TEST_CASE("the timeouts of a route override the settings, and those of the request override both") {
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        peer.closed();
    });
    Bench bench(quick());
    http::Request request{"GET", server.url()};
    RouteTimeouts route;
    auto message = [&] {
        Recorder recorder;
        const auto transfer = bench.upstream->start(request, route, recorder);
        bench.loop.run_until([&] { return recorder.over(); }, 10s);
        return recorder.error.value().message;
    };
    route.first_byte = 60ms;
    CHECK(message() == "the upstream sent no response within 60 ms");
    request.first_byte_timeout = 40ms;
    CHECK(message() == "the upstream sent no response within 40 ms");
    route.response = 30ms;
    CHECK(message() == "the upstream did not complete its response within 30 ms");
    CHECK(bench.get(server.url())->error->message == "the upstream sent no response within 300 ms");
}

TEST_CASE("a connection attempt ends with the connect timeout") {
    // A full queue of one: the kernel drops further connection attempts.
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener, 0);
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::vector<int> fillers;
    for (int i = 0; i < 3; ++i) {
        fillers.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        (void)connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    const std::string host = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    {
        auto settings = quick();
        settings.timeouts.first_byte = settings.timeouts.response = patience;
        Bench bench(settings);
        auto answer = bench.get("http://" + host + "/");
        REQUIRE(answer->error);
        CHECK(answer->error->kind == ErrorKind::timeout);
        CHECK(answer->error->message == "no connection to the upstream within 400 ms");
    }
    for (int fd : fillers) close(fd);
    close(listener);
}

TEST_CASE("an early error response to a large body is received") {
    ScriptedUpstream server([](Peer& peer, int) {
        char bytes[1000];
        (void)!recv(peer.fd(), bytes, sizeof bytes, 0);
        peer.send(sized("{\"message\":\"too large\"}", "413 Payload Too Large"));
        peer.closed();
    });
    Bench bench;
    auto answer = bench.post(server.url(), std::string(20'000'000, 'x'));
    CHECK(answer->ended);
    CHECK(answer->head.status == 413);
    CHECK(answer->body == "{\"message\":\"too large\"}");
}

TEST_CASE("a connection is not reused after unrequested bytes") {
    const std::string foreign = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nforeign";
    const std::string chunked = head_200 + "transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    const std::string empty = head_200 + "content-length: 0\r\n\r\n";
    SUBCASE("together with the end of a chunked response") {
        ScriptedUpstream server(always(chunked + foreign));
        Bench bench;
        for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->body == "ok");
        CHECK(server.connections() == 3);
    }
    SUBCASE("together with an empty response") {
        ScriptedUpstream server(always(empty + foreign));
        Bench bench;
        for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->body == "");
        CHECK(server.connections() == 3);
    }
    SUBCASE("together with a response without a body") {
        ScriptedUpstream server(always("HTTP/1.1 204 No Content\r\n\r\n" + foreign));
        Bench bench;
        for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->body == "");
        CHECK(server.connections() == 3);
    }
    SUBCASE("announced by a head that can have no body") {
        for (const char* framing : {"content-length: 7", "transfer-encoding: chunked"}) {
            CAPTURE(framing);
            ScriptedUpstream server(
                always("HTTP/1.1 204 No Content\r\n" + std::string(framing) + "\r\n\r\n"));
            Bench bench;
            for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->body == "");
            CHECK(server.connections() == 3);
        }
    }
    SUBCASE("together with a response by length, which is an error too") {
        ScriptedUpstream server(always(sized("ok") + foreign));
        Bench bench;
        for (int i = 0; i < 3; ++i) CHECK(bench.get(server.url())->error);
        CHECK(server.connections() == 3);
    }
    // The server sends the bytes only after the client has the complete response.
    std::atomic<int> received = 0, spoken = 0;
    auto speaks_later = [&](Peer& peer, int) {
        while (!peer.request().empty()) {
            peer.send(sized("ok"));
            while (received <= spoken) std::this_thread::sleep_for(1ms);
            peer.send(foreign);
            ++spoken;
        }
    };
    auto get_and_wait = [&](Bench& bench, ScriptedUpstream& server) {
        CHECK(bench.get(server.url())->body == "ok");
        ++received;
        while (spoken < received) std::this_thread::sleep_for(1ms);
    };
    SUBCASE("while the connection is idle") {
        ScriptedUpstream server(speaks_later);
        Bench bench;
        for (int i = 0; i < 3; ++i) {
            get_and_wait(bench, server);
            bench.loop.run_for(1ms);
        }
        CHECK(server.connections() == 3);
    }
    SUBCASE("while the connection is idle and the loop is busy") {
        ScriptedUpstream server(speaks_later);
        Bench bench;
        // The bytes arrive just before the next request, before the loop has read them.
        for (int i = 0; i < 3; ++i) get_and_wait(bench, server);
        CHECK(server.connections() == 3);
        CHECK(bench.loop.mistakes == 0);
    }
}

TEST_CASE("a cancelled or failed response leaves no connection behind") {
    ScriptedUpstream server([&](Peer& peer, int connection) {
        while (!peer.request().empty()) {
            if (connection == 1) peer.send(head_200 + "transfer-encoding: chunked\r\n\r\nnonsense\r\n");
            if (connection == 2) peer.send(head_200 + "content-length: 100\r\n\r\nhalf");
            if (connection == 3) peer.send(sized("ok"));
        }
    });
    Bench bench(quick());
    CHECK(bench.get(server.url())->error);
    CHECK(bench.get(server.url())->error->kind == ErrorKind::timeout);
    CHECK(bench.get(server.url())->body == "ok");
    CHECK(server.connections() == 3);
}
