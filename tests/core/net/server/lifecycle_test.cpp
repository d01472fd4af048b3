// SPDX-License-Identifier: Apache-2.0
// Starting, draining and ending a server.
#include "core/util/max_workers.hpp"
#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/net/server/test_application.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <future>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {
const std::string hello = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n";

std::string failure(const std::string& listen) {
    TestApplication application;
    Server server(application, listen, 1, {});
    auto ok = server.start();
    return ok ? "started" : ok.error().message;
}
}  // namespace

TEST_CASE("an address that cannot be used is named, with the reason") {
    TestServer taken;
    const std::string address = "127.0.0.1:" + std::to_string(taken.port());
    CHECK(failure(address) == "cannot listen on \"" + address + "\": Address already in use");
    CHECK(failure("8050").find("it must be host:port") != std::string::npos);
    CHECK(failure("::1:8050").find("it must be host:port") != std::string::npos);
    CHECK(failure(":8050").find("it must be host:port") != std::string::npos);
    CHECK(failure("127.0.0.1:").find("the port must be a number") != std::string::npos);
    CHECK(failure("127.0.0.1:65536").find("the port must be a number") != std::string::npos);
    CHECK(failure("127.0.0.1:http").find("the port must be a number") != std::string::npos);
    CHECK(failure("192.0.2.1:0").starts_with("cannot listen on \"192.0.2.1:0\": "));
    CHECK(failure("256.1.1.1:0") == "cannot listen on \"256.1.1.1:0\": the host name cannot be resolved");
}

TEST_CASE("the server listens on localhost and IPv6 addresses") {
    TestApplication application;
    Server local(application, "localhost:0", 1, {});
    REQUIRE(local.start());
    CHECK(RawClient(local.port()).ask(hello).status == 200);
    Server six(application, "[::1]:0", 1, {});
    if (auto ok = six.start(); ok) {
        CHECK(six.port() != 0);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(six.port());
        address.sin6_addr = in6addr_loopback;
        const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
        REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        const std::string request = "GET /head HTTP/1.1\r\nhost: [::1]:1\r\nconnection: close\r\n\r\n";
        CHECK(::send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
        std::string seen(4096, 0);
        seen.resize(static_cast<std::size_t>(std::max<ssize_t>(::recv(fd, seen.data(), seen.size(), 0), 0)));
        CHECK(seen.find("GET /head  ::1\n") != std::string::npos);
        ::close(fd);
    } else {
        MESSAGE("no IPv6 here: " << ok.error().message);
    }
}

TEST_CASE("the server listens on every address of the machine") {
    for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
        TestApplication application;
        Server server(application, listen, 1, {});
        if (auto ok = server.start(); !ok) {
            MESSAGE("not here: " << ok.error().message);
            continue;
        }
        // To a server that listens on both, this client has an IPv6 address, but is reported with its IPv4
        // address.
        CHECK(RawClient(server.port())
                  .ask("GET /head HTTP/1.1\r\nhost: a\r\n\r\n")
                  .body.starts_with("GET /head  127.0.0.1\n"));
    }
}

TEST_CASE(
    "after stop_accepting idle connections close, running requests end, and new connections are rejected") {
    TestServer server;
    std::vector<RawClient> idle;  // one or more for each worker: when all are closed, each has stopped
    for (int i = 0; i < 8; ++i) CHECK(idle.emplace_back(server.port()).ask(hello).status == 200);
    RawClient running(server.port()), half(server.port());
    running.send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nla");  // ends with its body
    half.send("GET /hello HTTP/1.1\r\nho");
    CHECK(eventually([&] { return server.counters().requests == 9; }));
    std::this_thread::sleep_for(20ms);
    server.server.stop_accepting();
    for (RawClient& client : idle) CHECK(client.read_to_end() == "");
    CHECK_THROWS(RawClient(server.port()));
    running.send("ter");
    const auto answer = running.answer();
    CHECK(answer.body == "later");
    CHECK(answer.headers.get("connection") == "close");
    CHECK(running.closed_by_server());
    half.send("st: a\r\n\r\n");
    CHECK(half.answer().headers.get("connection") == "close");
    CHECK(eventually([&] { return server.server.connections() == 0; }));
}

TEST_CASE("shutdown closes running requests, notifies their listeners, and runs no task afterwards") {
    TestServer server;
    RawClient running(server.port()), idle(server.port());
    running.send("GET /hang HTTP/1.1\r\nhost: a\r\n\r\n");
    CHECK(idle.ask(hello).status == 200);
    CHECK(eventually([&] { return server.counters().requests == 2; }));
    std::vector<Loop*> loops = server.server.loops();
    server.server.shutdown();
    CHECK(server.counters().gone == 1);
    CHECK(server.counters().alive == 0);
    CHECK(server.server.connections() == 0);
    CHECK(running.closed_by_server());
    bool ran = false;
    auto witness = std::make_shared<int>();
    std::weak_ptr<int> watched = witness;
    for (Loop* loop : loops) loop->post([&ran, witness] { ran = true; });
    witness.reset();
    CHECK(watched.expired());
    CHECK(!ran);
    server.server.shutdown();
}

TEST_CASE("tasks and timers that never ran are destroyed at shutdown") {
    std::weak_ptr<int> watched;
    {
        TestServer server;
        auto witness = std::make_shared<int>();
        watched = witness;
        std::promise<void> set;
        Loop& loop = *server.server.loops()[0];
        loop.post([&loop, &set, witness] {
            loop.after(1h, [witness] {});
            set.set_value();
        });
        set.get_future().wait();
    }
    CHECK(watched.expired());
}

TEST_CASE("servers start and stop many times in one process") {
    auto open_descriptors = [] {
        const auto all = std::filesystem::directory_iterator("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    const auto before = open_descriptors();
    for (int i = 0; i < 20; ++i) {
        TestServer server({}, 3);
        RawClient client(server.port());
        CHECK(client.ask(hello).status == 200);
    }
    CHECK(open_descriptors() - before <= 20 * 7);  // Pistache keeps some open: see server.cpp
}

TEST_CASE("a server starts as many workers as the configuration allows") {
    TestServer fixture({}, max_workers);
    CHECK(fixture.server.loops().size() == max_workers);
}

TEST_CASE("a loop runs tasks in order, timers by time, and watches descriptors") {
    TestServer server({}, 1);
    Loop& loop = *server.server.loops()[0];

    std::vector<int> order;
    std::promise<void> done;
    for (int i = 0; i < 100; ++i) loop.post([&, i] { order.push_back(i); });
    loop.post([&] {
        loop.after(20ms, [&] {
            order.push_back(1001);
            done.set_value();
        });
        loop.after(5ms, [&] { order.push_back(1000); });
        loop.cancel(loop.after(1ms, [&] { order.push_back(9999); }));
        loop.post([&] { order.push_back(100); });
    });
    REQUIRE(done.get_future().wait_for(patience) == std::future_status::ready);
    REQUIRE(order.size() == 103);
    for (int i = 0; i < 101; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
    CHECK(order[101] == 1000);
    CHECK(order[102] == 1001);

    struct Reader final : Watcher {
        void on_ready(int fd, bool readable, bool) override {
            char byte;
            if (readable && ::read(fd, &byte, 1) == 1) seen.set_value(byte);
        }
        std::promise<char> seen;
    } reader;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    loop.post([&] { loop.watch(ends[0], true, false, reader); });
    CHECK(::write(ends[1], "x", 1) == 1);
    auto seen = reader.seen.get_future();
    REQUIRE(seen.wait_for(patience) == std::future_status::ready);
    CHECK(seen.get() == 'x');
    std::promise<void> unwatched;
    loop.post([&] {
        loop.unwatch(ends[0]);
        loop.unwatch(ends[0]);
        unwatched.set_value();
    });
    unwatched.get_future().wait();
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE("a task that posts itself forever does not starve the clients") {
    TestServer server({}, 1);
    Loop& loop = *server.server.loops()[0];
    std::atomic<bool> stop{false};
    std::promise<void> ended, ticked;
    std::function<void()> again = [&] {
        if (stop) return ended.set_value();
        loop.post(again);
    };
    std::function<void()> tick = [&] {
        if (stop) return ticked.set_value();
        loop.after(0ms, tick);
    };
    loop.post(again);
    loop.post(tick);
    for (int i = 0; i < 5; ++i) CHECK(RawClient(server.port()).ask(hello).status == 200);
    stop = true;
    ended.get_future().wait();
    ticked.get_future().wait();
}
