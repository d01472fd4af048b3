// SPDX-License-Identifier: Apache-2.0
// Many concurrent clients, correct and faulty; also run under the thread sanitizer.
#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/net/server/test_application.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {
std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nhost: a\r\n\r\n"; }

/// The actions of one client, chosen by `turn`.  Returns false after a wrong response.
bool visit(std::uint16_t port, unsigned turn) {
    RawClient client(port);
    const std::string text = "text of turn " + std::to_string(turn);
    switch (turn % 8) {
        case 0: return client.ask(get("/hello")).body == "hello";
        case 1: {
            const std::string post =
                "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(text.size()) +
                "\r\n\r\n";
            return client.ask(post + text).body == text && client.ask(post + text).body == text;
        }
        case 2: return client.ask(get("/stream?count=50&size=100")).body == std::string(5000, 's');
        case 3:
            client.send(get("/hang"));
            client.reset();
            return true;
        case 4:
            client.send(get("/stream?count=5000&size=1000"));
            client.read();
            client.reset();
            return true;
        case 5:
            client.send(get("/later?ms=" + std::to_string(turn % 7)));
            if (turn % 16 < 8) return client.answer().body == "later";
            client.close();
            return true;
        case 6:
            client.send("GET / HTTP/1.1\r\nhost: a\r\nbroken");
            client.finish();
            return client.answer().status == 400;
        default: client.send("GET /hello HTTP/1.1\r\nho"); return true;
    }
}
}  // namespace

TEST_CASE("many concurrent clients get their own responses and leave no trace") {
    TestServer server({}, 4);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 8; ++thread)
        threads.emplace_back([&, thread] {
            for (unsigned turn = 0; turn < 150; ++turn)
                if (!visit(server.port(), thread * 1000 + turn * 3 + thread)) ++wrong;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    CHECK(eventually([&] { return server.server.connections() == 0; }));
    // The count of a connection is reduced shortly before it releases its listener.
    CHECK(eventually([&] { return server.counters().alive == 0; }));
}

TEST_CASE("responses posted from other threads reach their client while other clients disconnect") {
    std::atomic<bool> stop{false};
    std::atomic<int> ran{0};  // outlives the server, whose loops may still run a posted task
    TestServer server({}, 2);
    std::vector<std::thread> posters;
    for (int i = 0; i < 2; ++i)
        posters.emplace_back([&] {
            while (!stop) {
                for (Loop* loop : server.server.loops()) loop->post([&] { ++ran; });
                std::this_thread::sleep_for(100us);
            }
        });
    for (unsigned turn = 0; turn < 100; ++turn) CHECK(visit(server.port(), turn));
    stop = true;
    for (std::thread& thread : posters) thread.join();
    CHECK(ran > 0);
}

TEST_CASE("a server is drained and shut down while clients are busy") {
    for (int round = 0; round < 5; ++round) {
        TestServer server({}, 2);
        std::atomic<bool> stop{false};
        std::vector<std::thread> threads;
        for (unsigned thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (unsigned turn = thread; !stop; ++turn) try {
                        visit(server.port(), turn);
                    } catch (const std::exception&) {  // refused: the server has stopped accepting
                        std::this_thread::sleep_for(1ms);
                    }
            });
        std::this_thread::sleep_for(50ms);
        server.server.stop_accepting();
        std::this_thread::sleep_for(20ms);
        server.server.shutdown();
        CHECK(server.server.connections() == 0);
        CHECK(server.counters().alive == 0);
        stop = true;
        for (std::thread& thread : threads) thread.join();
    }
}

TEST_CASE("no connection waits until another connection arrives") {
    // Each thread waits for its response before it connects again.  A client that is lost between
    // acceptor and worker would block its thread.
    TestServer server({}, 2);
    std::vector<std::thread> threads;
    std::atomic<int> lost{0};
    for (int thread = 0; thread < 3; ++thread)
        threads.emplace_back([&] {
            for (int i = 0; i < 300; ++i) {
                if (RawClient(server.port()).ask(get("/hello")).status != 200) ++lost;
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(lost == 0);
}
