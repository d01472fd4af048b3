// SPDX-License-Identifier: Apache-2.0
// Limits: each client that is too slow, too large or one too many is stopped, and other clients
// are served meanwhile.
#include "core/net/acceptor.hpp"
#include "core/net/listening.hpp"

#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/net/server/test_application.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawAnswer;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {

const std::string host = "host: test\r\n";
std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n"; }

std::chrono::microseconds cpu_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::size_t open_descriptors() {
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The limit that allows this many more descriptors.
std::size_t limit_that_leaves(int free) {
    int limit = 0;
    for (; free >= 0; ++limit)
        if (::fcntl(limit, F_GETFD) < 0) --free;
    return static_cast<std::size_t>(limit - 1);
}

/// A lower limit of descriptors while it lives.
struct TightLimit {
    explicit TightLimit(std::size_t descriptors) {
        ::getrlimit(RLIMIT_NOFILE, &old);
        rlimit tight = old;
        tight.rlim_cur = descriptors;
        ::setrlimit(RLIMIT_NOFILE, &tight);
    }
    ~TightLimit() { ::setrlimit(RLIMIT_NOFILE, &old); }
    rlimit old{};
};

/// A server with timeouts that no test reaches, and a request on it that does not end.  If the request still
/// waits when another server has responded, that server's own timeout has fired, not a common one.
struct PatientServer {
    explicit PatientServer(const std::string& request) { client.send(request); }
    bool waits() { return !client.closed_by_server(0ms) && client.seen().empty(); }

    static ServerLimits limits() {
        ServerLimits limits;
        limits.header_timeout = limits.body_timeout = limits.keep_alive = 2 * patience;
        limits.client_write_timeout = 2 * patience;
        return limits;
    }
    TestServer server{limits()};
    RawClient client{server.port()};
};

}  // namespace

TEST_CASE("a slow head receives 408, and a silent client is closed without a response") {
    ServerLimits limits;
    limits.header_timeout = 1s;  // a client sends its first byte within it, also on a slow machine
    PatientServer patient("GET / HTTP/1.1\r\nhost:");
    TestServer server(limits);
    RawClient slow(server.port()), silent(server.port());
    slow.send("GET / HTTP/1.1\r\nhost:");
    CHECK(slow.answer().status == 408);
    CHECK(slow.closed_by_server());
    CHECK(silent.read_to_end() == "");
    CHECK(!silent.was_reset());
    RawClient dripping(server.port());
    dripping.send("GET / HTTP/1.1\r\nhost:");
    while (dripping.send("x") && !dripping.read(10ms)) {
    }
    CHECK(dripping.answer().status == 408);
    CHECK(patient.waits());
}

TEST_CASE("a head has its full timeout on a kept connection, however late it begins") {
    ServerLimits limits;
    limits.keep_alive = 3s;
    limits.header_timeout = 2 * patience;
    TestServer server(limits);
    RawClient client(server.port());
    CHECK(client.ask(get("/hello")).status == 200);
    std::this_thread::sleep_for(1s);
    client.send("GET /hello HTTP/1.1\r\n");
    std::this_thread::sleep_for(2500ms);
    CHECK(client.ask(host + "\r\n").status == 200);
}

TEST_CASE("an invalid first line is rejected before the head ends") {
    ServerLimits limits;
    limits.header_timeout = 2 * patience;
    TestServer server(limits);
    for (const char* line : {"GET /\r\n", "hello\r\n", "GET / HTTP/2.0\r\n"}) {
        RawClient client(server.port());
        const int status = client.ask(line).status;
        CHECK((status == 400 || status == 505));
    }
}

TEST_CASE("an idle connection is closed without a response, and a running request is not") {
    ServerLimits limits;
    limits.keep_alive = limits.header_timeout = 1s;
    TestServer server(limits);
    PatientServer patient("");
    CHECK(patient.client.ask(get("/hello")).status == 200);
    RawClient client(server.port()), running(server.port());
    running.send(get("/later?ms=2000"));
    CHECK(client.ask(get("/hello")).status == 200);
    CHECK(client.read_to_end() == "");
    CHECK(patient.waits());
    CHECK(!client.was_reset());
    CHECK(running.answer().body == "later");
}

TEST_CASE("a slow body receives 408") {
    ServerLimits limits;
    limits.body_timeout = 100ms;
    TestServer server(limits);
    for (const char* framing :
         {"content-length: 100\r\n\r\nabc", "transfer-encoding: chunked\r\n\r\n5\r\nab"}) {
        const std::string request = "POST /echo HTTP/1.1\r\n" + host + framing;
        PatientServer patient(request);
        RawClient client(server.port());
        const RawAnswer answer = client.ask(request);
        CHECK(answer.status == 408);
        CHECK(answer.headers.get("connection") == "close");
        CHECK(client.closed_by_server());
        CHECK(patient.waits());
    }
}

TEST_CASE("the body timeout grows with the body's size") {
    ServerLimits limits;
    limits.body_timeout = 50ms;
    limits.body_timeout_per_mb = patience;
    TestServer server(limits);
    RawClient client(server.port());
    client.send("POST /echo?limit=9000000 HTTP/1.1\r\n" + host + "content-length: 3000000\r\n\r\n");
    std::this_thread::sleep_for(300ms);
    client.send(std::string(3'000'000, 'x'));
    CHECK(client.answer().status == 200);
}

TEST_CASE("an oversize body is rejected before it is read, and the response arrives") {
    TestServer server;
    for (const std::string& framing : {std::string("content-length: 20000000\r\n\r\n"),
                                       std::string("transfer-encoding: chunked\r\n\r\n1312d00\r\n")}) {
        RawClient client(server.port());
        std::thread sender([&] {
            client.send("POST /echo?limit=1000 HTTP/1.1\r\n" + host + framing + std::string(20'000'000, 'x'));
        });
        sender.join();  // like clients that read only after they have sent all
        const RawAnswer answer = client.answer();
        CHECK(answer.status == 413);
        CHECK(answer.headers.get("connection") == "close");
    }
}

TEST_CASE("a head of 10 MB receives 431 and uses little memory") {
    TestServer server;
    RawClient client(server.port());
    const std::string huge = "GET / HTTP/1.1\r\n" + host + "x: " + std::string(10'000'000, 'y') + "\r\n\r\n";
    client.send(huge);
    CHECK(client.answer().status == 431);
    CHECK(RawClient(server.port()).ask(get("/hello")).status == 200);
}

TEST_CASE("a head that arrives byte by byte takes linear time") {
    TestServer server;
    const auto takes = [&](std::size_t size) {
        RawClient client(server.port());
        const std::string head =
            "GET /hello HTTP/1.1\r\n" + host + "x: " + std::string(size, 'y') + "\r\n\r\n";
        const auto before = cpu_time();
        for (std::size_t i = 0; i < head.size(); i += 10) client.send(std::string_view(head).substr(i, 10));
        CHECK(client.answer().status == 200);
        return cpu_time() - before;
    };
    const auto small = takes(3'000), large = takes(30'000);
    CHECK(large < 30 * small + 200ms);  // quadratic time would be a hundred times as long
}

TEST_CASE("a client that reads slowly gets a complete large response and does not delay other clients") {
    TestServer server({}, 1);
    RawClient slow(server.port(), 4096);
    constexpr std::size_t size = 20'000'000;
    slow.send(get("/big?size=" + std::to_string(size)));
    // They are served before the slow one reads.
    for (int i = 0; i < 50; ++i) CHECK(RawClient(server.port()).ask(get("/hello")).status == 200);
    const auto before = cpu_time();
    std::this_thread::sleep_for(400ms);
    CHECK(cpu_time() - before < 200ms);  // no thread spins
    const RawAnswer answer = slow.answer();
    CHECK(answer.complete);
    CHECK(answer.body.size() == size);
}

TEST_CASE("a stream waits for its client, and the server holds no more than its limit") {
    ServerLimits limits;
    limits.client_buffer_bytes = 10'000;
    TestServer server(limits);
    RawClient client(server.port(), 4096);
    client.send(get("/stream?count=20000&size=1000"));
    std::this_thread::sleep_for(100ms);
    CHECK(server.counters().alive == 1);
    const RawAnswer answer = client.answer();
    CHECK(answer.complete);
    CHECK(answer.body.size() == 20'000'000);
    CHECK(server.counters().writable > 0);
    CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("a client that reads nothing is dropped") {
    ServerLimits limits;
    limits.client_write_timeout = 200ms;
    TestServer server(limits), patient(PatientServer::limits());
    RawClient client(server.port(), 4096), kept(patient.port(), 4096);
    kept.send(get("/stream?count=20000&size=1000"));
    client.send(get("/stream?count=20000&size=1000"));
    CHECK(eventually([&] { return server.counters().gone == 1; }));
    CHECK(patient.counters().gone == 0);
    CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("a client that pipelines requests and does not read is served only up to a limit") {
    ServerLimits limits;
    limits.client_write_timeout = 300ms;
    TestServer server(limits);
    RawClient client(server.port(), 4096);
    std::string many;
    for (int i = 0; i < 2000; ++i) many += get("/big?size=100000");
    std::thread sender([&] { client.send(many); });
    CHECK(eventually([&] { return server.server.connections() == 0; }));
    CHECK(server.counters().requests < 500);
    sender.join();
}

TEST_CASE("a connection above the limit receives 503, and the others continue") {
    ServerLimits limits;
    limits.max_connections = 3;
    TestServer server(limits);
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
        clients.emplace_back(server.port());
        CHECK(clients.back().ask(get("/hello")).status == 200);
    }
    {
        RawClient extra(server.port());
        const RawAnswer answer = extra.answer();
        CHECK(answer.status == 503);
        CHECK(answer.headers.get("connection") == "close");
        CHECK(extra.closed_by_server());
    }
    for (RawClient& client : clients) CHECK(client.ask(get("/hello")).status == 200);
    clients.pop_back();
    CHECK(eventually([&] { return server.server.connections() <= 2; }));
    CHECK(RawClient(server.port()).ask(get("/hello")).status == 200);
}

TEST_CASE("a flood of connections beyond the limit does not keep descriptors") {
    ServerLimits limits;
    limits.max_connections = 10;
    TestServer server(limits);
    RawClient early(server.port());
    CHECK(early.ask(get("/hello")).status == 200);  // it is undefined which of the others are accepted
    std::vector<RawClient> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(server.port());
    CHECK(eventually([&] { return server.server.connections() <= 10 + 1 + 64; }));
    CHECK(early.ask(get("/hello")).status == 200);
    early.close();
    clients.clear();
    // The last of them may be accepted only now.
    CHECK(eventually([&] { return RawClient(server.port()).ask(get("/hello")).status == 200; }));
    CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("a process without descriptors survives, and serves again when there are some") {
    TestServer server;
    std::vector<RawClient> clients;
    clients.reserve(50);
    for (int i = 0; i < 25; ++i) clients.emplace_back(server.port());
    REQUIRE(eventually([&] { return server.server.connections() == 25; }));
    {
        TightLimit limit(open_descriptors() + 10);
        try {
            for (int i = 0; i < 25; ++i) clients.emplace_back(server.port());
        } catch (const std::runtime_error&) {  // the test itself has no descriptors left
        }
        const auto before = cpu_time();
        std::this_thread::sleep_for(400ms);
        CHECK(cpu_time() - before < 200ms);  // no thread spins
    }
    for (RawClient& client : clients) CHECK(client.ask(get("/hello")).status == 200);
    clients.clear();
    CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("a client that waits in vain for a descriptor is closed, and later clients are accepted") {
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    const std::uint16_t port = port_of(*listening);
    std::atomic<int> delivered{0};
    RawClient first(port), second(port);
    std::optional<Acceptor> acceptor;
    {
        TightLimit limit(limit_that_leaves(2));  // the acceptor's own
        acceptor.emplace(*listening, false, [&](int fd, const sockaddr_storage&) {
            ++delivered;
            ::close(fd);
        });
        CHECK(first.read_to_end() == "");
        CHECK(second.read_to_end() == "");
        CHECK(delivered == 0);
    }
    CHECK(eventually([&] {
        RawClient later(port);
        return later.read_to_end().empty() && delivered > 0;
    }));
}

TEST_CASE("an inherited socket keeps listening after its server has stopped") {
    auto listening = listen_on("127.0.0.1:0");
    REQUIRE(listening);
    const std::uint16_t port = port_of(*listening);
    TestApplication application;
    for (int restart = 0; restart < 2; ++restart) {
        RawClient early(port);  // the connection is not accepted yet
        early.send(get("/hello"));
        Server server(application, "", 1, {});
        server.take_over(::dup(*listening));
        REQUIRE(server.start());
        CHECK(server.port() == port);
        CHECK(early.answer().status == 200);
        server.stop_accepting();
    }
    Server wrong(application, "", 1, {});
    wrong.take_over(0);
    CHECK_FALSE(wrong.start());
    ::close(*listening);
}

TEST_CASE("connections leave descriptors for upstream connections") {
    const std::size_t all = open_descriptors() + 200;
    TightLimit limit(all);
    TestServer server;
    std::vector<RawClient> clients;
    int served = 0, turned_away = 0;
    for (int i = 0; i < 90 && turned_away < 3;
         ++i) {  // each takes two descriptors, because the client is in this process
        clients.emplace_back(server.port());
        const int status = clients.back().ask(get("/hello")).status;
        served += status == 200;
        turned_away += status == 503;
    }
    CHECK(served > 20);
    CHECK(turned_away == 3);
    CHECK(open_descriptors() < all - 30);
    CHECK(clients[0].ask(get("/hello")).status == 200);
}

TEST_CASE("all descriptors are closed again") {
    TestServer server;
    CHECK(RawClient(server.port()).ask(get("/hello")).status == 200);
    CHECK(eventually([&] { return server.server.connections() == 0; }));
    const std::size_t before = open_descriptors();
    for (int round = 0; round < 100; ++round) {
        RawClient polite(server.port()), rude(server.port()), broken(server.port()), silent(server.port());
        CHECK(polite.ask(get("/hello")).status == 200);
        rude.send(get("/hang"));
        rude.reset();
        broken.send("nonsense\r\n\r\n");
    }
    CHECK(eventually([&] { return server.server.connections() == 0; }));
    CHECK(eventually([&] { return open_descriptors() == before; }));
}
