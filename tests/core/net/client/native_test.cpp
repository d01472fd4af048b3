// SPDX-License-Identifier: Apache-2.0
// The behaviour that the native client implements itself, where libcurl does it inside: addresses, turns,
// memory.
#include "core/net/client/native/connector.hpp"
#include "core/net/client/native/native_transfer.hpp"
#include "core/net/client/upstream_failure.hpp"
#include "tests/core/net/client/upstream_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

/// A listener whose queue is full: the kernel drops further connection attempts.
class DeafListener {
public:
    DeafListener(const char* address, int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(static_cast<std::uint16_t>(port));
        inet_pton(AF_INET, address, &at.sin_addr);
        if (bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) return;
        listen(fd_, 0);
        for (int i = 0; i < 3; ++i) {
            fillers_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            (void)connect(fillers_.back(), reinterpret_cast<sockaddr*>(&at), sizeof at);
        }
    }
    ~DeafListener() {
        for (int fd : fillers_) close(fd);
        close(fd_);
    }

private:
    int fd_;
    std::vector<int> fillers_;
};

struct Outcome final : Connector::Listener {
    void on_connected(int fd) override {
        connected = true;
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size);
        char text[INET_ADDRSTRLEN];
        address = inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
        loop->unwatch(fd);
        close(fd);
        connector.reset();
    }
    void on_unreachable(int os_error) override {
        error = os_error;
        connector.reset();
    }
    bool over() const { return connected || error; }

    TestLoop* loop = nullptr;
    std::unique_ptr<Connector> connector;
    bool connected = false;
    std::string address;
    int error = 0;
};

Outcome connect_to(TestLoop& loop, std::initializer_list<const char*> hosts, int port) {
    auto addresses = std::make_shared<std::vector<Address>>();
    for (const char* host : hosts) addresses->push_back(*Address::parse(host));
    Outcome outcome;
    outcome.loop = &loop;
    outcome.connector =
        std::make_unique<Connector>(loop, addresses, static_cast<std::uint16_t>(port), outcome);
    outcome.connector->start();
    loop.run_until([&] { return outcome.over(); });
    CHECK(loop.watched() == 0);
    CHECK(loop.timers() == 0);
    return outcome;
}

}  // namespace

TEST_CASE("the first address that accepts is used, even if earlier addresses refuse or are silent") {
    ScriptedUpstream server([](Peer& peer, int) { peer.closed(); });
    const DeafListener deaf("127.0.0.2", server.port());
    TestLoop loop;
    CHECK(connect_to(loop, {"127.0.0.1"}, server.port()).address == "127.0.0.1");
    CHECK(connect_to(loop, {"127.0.0.3", "127.0.0.1"}, server.port()).address == "127.0.0.1");
    CHECK(connect_to(loop, {"127.0.0.2", "127.0.0.3", "127.0.0.1"}, server.port()).address == "127.0.0.1");
    CHECK(connect_to(loop, {"127.0.0.3", "127.0.0.4"}, server.port()).error == ECONNREFUSED);
    CHECK(loop.mistakes == 0);
}

TEST_CASE("a name is resolved on another thread, once for many requests, and cached") {
    ScriptedUpstream server(always(sized("ok")));
    Bench bench;
    // Not the usual form of an address, so that the system's resolver parses it.
    const std::string url = "http://127.1:" + std::to_string(server.port()) + "/";
    std::vector<std::unique_ptr<Recorder>> answers;
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (int i = 0; i < 20; ++i) {
        answers.push_back(std::make_unique<Recorder>());
        transfers.push_back(bench.upstream->start({"GET", url}, *answers.back()));
    }
    for (const auto& answer : answers) {
        CHECK(bench.loop.run_until([&] { return answer->over(); }));
        CHECK(answer->body == "ok");
    }
    CHECK(bench.get(url)->body == "ok");
}

TEST_CASE("a flood on many connections is served fairly and does not block the loop") {
    constexpr int connections = 40;
    ScriptedUpstream server([](Peer& peer, int) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        const std::string block(256 * 1024, 'x');
        while (peer.send(block)) continue;
    });
    TestLoop loop;
    auto upstream = make_http_client(loop, {});
    struct Sink final : TransferListener {
        void on_head(const http::ResponseHead&) override {}
        void on_body(std::string_view bytes) override {
            count += bytes.size();
            *turn += bytes.size();
        }
        void on_end() override {}
        void on_error(TransferFailure) override { failed = true; }
        std::size_t count = 0, *turn = nullptr;
        bool failed = false;
    };
    std::size_t turn = 0, most = 0, total = 0;
    std::vector<Sink> sinks(connections);
    std::vector<std::unique_ptr<Transfer>> transfers;
    for (Sink& sink : sinks) {
        sink.turn = &turn;
        transfers.push_back(upstream->start({"GET", server.url()}, sink));
    }
    // run_until() asks once a turn.
    CHECK(loop.run_until(
        [&] {
            total += turn;
            most = std::max(most, std::exchange(turn, 0));
            return total > 200'000'000;
        },
        60s));
    CHECK(most < 3'000'000);
    const auto by_count = [](const Sink& a, const Sink& b) { return a.count < b.count; };
    const auto [least, greatest] = std::minmax_element(sinks.begin(), sinks.end(), by_count);
    CHECK(least->count > greatest->count / 20);
    CHECK(std::none_of(sinks.begin(), sinks.end(), [](const Sink& sink) { return sink.failed; }));
    transfers.clear();
}

TEST_CASE("a transfer that outlives its HttpClient keeps no connections") {
    ScriptedUpstream server(always(sized("ok")));
    TestLoop loop;
    auto upstream = make_http_client(loop, {});
    Recorder answer;
    const auto transfer = upstream->start({"GET", server.url()}, answer);
    CHECK(loop.run_until([&] { return answer.over(); }));
    CHECK(loop.watched() == 1);  // kept for the next request
    upstream.reset();
    CHECK(loop.watched() == 0);
}

TEST_CASE("a lack of descriptors is reported as an overload of the gateway, not as an upstream failure") {
    CHECK(failure::connect_failed(EMFILE).kind == ErrorKind::unavailable);
    CHECK(failure::connect_failed(EADDRNOTAVAIL).kind == ErrorKind::unavailable);
    CHECK(failure::connect_failed(ECONNREFUSED).kind == ErrorKind::upstream);
}

TEST_CASE("a waiting transfer is small") { CHECK(sizeof(NativeTransfer) < 600); }
