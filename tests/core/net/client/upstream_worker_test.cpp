// SPDX-License-Identifier: Apache-2.0
// HttpClient on the loops of real workers: a real Server passes its clients' requests to a
// scripted upstream.
#include "core/net/server/server.hpp"
#include "tests/core/net/client/upstream_fixture.hpp"

#include <doctest/doctest.h>

#include <unordered_map>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

/// Passes each request to one upstream, and the response back at the client's pace.
class Relay final : public RequestListener, public TransferListener {
public:
    Relay(Client& client, HttpClient& upstream, std::string url)
        : client_(client), upstream_(upstream), url_(std::move(url)) {}

    void on_body(std::string body) override {
        http::Request request{"POST", url_};
        request.body = std::move(body);
        transfer_ = upstream_.start(std::move(request), *this);
    }
    void on_body_error(Error) override { client_.abort(); }
    void on_writable() override { transfer_->resume(); }
    void on_half_close() override {
        transfer_.reset();
        client_.abort();
    }
    void on_gone() override { transfer_.reset(); }

    void on_head(const http::ResponseHead&) override { client_.begin({200, {}}); }
    void on_body(std::string_view bytes) override {
        if (!client_.write(bytes)) transfer_->pause();
    }
    void on_end() override { client_.end(); }
    void on_error(TransferFailure) override { client_.abort(); }

private:
    Client& client_;
    HttpClient& upstream_;
    std::string url_;
    std::unique_ptr<Transfer> transfer_;
};

class RelayApplication final : public Application {
public:
    std::shared_ptr<RequestListener> on_request(Client& client) override {
        auto relay = std::make_shared<Relay>(client, *upstreams.at(&client.loop()), url);
        client.read_body(1 << 20);
        return relay;
    }
    http::Response refuse(const Error& error, std::string_view, std::string_view) override {
        return {{status_of(error), {}}, "refused"};
    }

    std::string url;
    std::unordered_map<Loop*, std::unique_ptr<HttpClient>> upstreams;  // filled before the first request
};

int connect_to(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
}

/// Runs `task` on a loop and waits for it.
void on(Loop& loop, std::function<void()> task) {
    std::atomic<bool> done = false;
    loop.post([&] {
        task();
        done = true;
    });
    while (!done) std::this_thread::sleep_for(1ms);
}

}  // namespace

TEST_CASE(
    "clients of a real server get an upstream's responses, and a client that disconnects cancels its request") {
    std::atomic<int> running = 0;
    ScriptedUpstream upstream([&](Peer& peer, int) {
        for (std::string request; !(request = peer.request()).empty();) {
            const std::string name = request.substr(request.find("\r\n\r\n") + 4);
            ++running;
            peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            const std::string piece = name + std::string(2000, '.');
            char size[16];
            std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
            bool well = true;
            // A request for "endless" gets data until its client disconnects.
            for (int i = 0; well && (i < 50 || name.starts_with("endless")); ++i)
                well = peer.send(size + piece + "\r\n");
            if (well) peer.send("0\r\n\r\n");
            --running;
        }
    });
    RelayApplication application;
    application.url = upstream.url();
    Server server(application, "127.0.0.1:0", 2, {});
    REQUIRE(server.start());
    for (Loop* loop : server.loops())
        on(*loop, [&] {
            auto made = make_tested_upstream(*loop);
            static std::mutex mutex;
            std::lock_guard lock(mutex);
            application.upstreams[loop] = std::move(made);
        });

    std::atomic<int> right = 0;
    std::vector<std::thread> clients;
    for (int c = 0; c < 8; ++c)
        clients.emplace_back([&, c] {
            for (int i = 0; i < 20; ++i) {
                const bool leaves = i % 3 == 2;
                const std::string name =
                    (leaves ? "endless" : "name") + std::to_string(c) + "-" + std::to_string(i);
                Peer peer(connect_to(server.port()));
                peer.send("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: " +
                          std::to_string(name.size()) + "\r\n\r\n" + name);
                std::string got;
                char bytes[8192];
                for (ssize_t n; (n = recv(peer.fd(), bytes, sizeof bytes, 0)) > 0;) {
                    got.append(bytes, static_cast<std::size_t>(n));
                    if (leaves && got.size() > 30'000) break;
                }
                std::size_t count = 0;
                for (std::size_t at = 0; (at = got.find(name, at)) != std::string::npos; ++at) ++count;
                right += leaves ? count > 5 : count == 50 && got.ends_with("\r\n0\r\n\r\n");
            }
        });
    for (auto& client : clients) client.join();
    CHECK(right == 160);
    const auto end = Clock::now() + patience;
    while (running > 0 && Clock::now() < end) std::this_thread::sleep_for(2ms);
    CHECK(running == 0);
    for (Loop* loop : server.loops()) on(*loop, [&] { application.upstreams[loop].reset(); });
    server.shutdown();
}
