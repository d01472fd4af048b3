// SPDX-License-Identifier: Apache-2.0
// A small application behind a real Server on a free port, for tests of core/net.
//
// The path of a request selects the behaviour.  The application counts its events.
// [TestApplication's members: any thread]
#pragma once

#include "core/net/server/server.hpp"
#include "tests/core/patience.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace gatehouse::core::testing {

/// Waits up to `limit` until `condition` holds.
template <typename Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds limit = patience) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

/// The number behind `name=` in a query, or `fallback`.
inline std::size_t number(std::string_view query, std::string_view name, std::size_t fallback) {
    const std::size_t at = query.find(std::string(name) + "=");
    return at == std::string_view::npos ? fallback
                                        : std::stoull(std::string(query.substr(at + name.size() + 1)));
}

struct Counters {
    std::atomic<int> requests{0}, gone{0}, half_closed{0}, writable{0}, refused{0}, body_errors{0};
    std::atomic<int> failed_handshakes{0};
    std::atomic<int> alive{0};  // listeners that exist
};

/// Paths: /hello, /echo?limit= (returns the body), /no-body-read, /big?size=,
/// /stream?count=&size= (with back-pressure), /abort (aborts after some bytes), /later?ms=, /hang, /inject,
/// /throw, /head (returns the head, a line per header).
class TestListener final : public RequestListener, public std::enable_shared_from_this<TestListener> {
public:
    TestListener(Client& client, Counters& counters) : client_(client), counters_(counters) {
        ++counters_.alive;
    }
    ~TestListener() override { --counters_.alive; }

    void start() {
        const http::RequestHead& head = client_.head();
        const std::string_view path = head.path;
        if (path == "/echo") {
            client_.read_body(number(head.query, "limit", 1 << 20));
        } else if (path == "/big") {
            answer(200, std::string(number(head.query, "size", 1), 'b'));
        } else if (path == "/stream") {
            left_ = number(head.query, "count", 1);
            piece_ = std::string(number(head.query, "size", 1), 's');
            client_.begin({200, {{"content-type", "text/event-stream"}}});
            pump();
        } else if (path == "/abort") {
            client_.begin({200, {}});
            client_.write("the beginning");
            client_.abort();
        } else if (path == "/later") {
            client_.loop().after(std::chrono::milliseconds(number(head.query, "ms", 20)),
                                 [self = shared_from_this()] {
                                     if (!self->gone_) self->answer(200, "later");
                                 });
        } else if (path == "/inject") {
            client_.respond(
                {{200, {{"x-one", "a\r\nx-evil: 1"}, {"bad name", "x"}, {"content-length", "77"}}}, "ok"});
        } else if (path == "/nothing") {
            client_.respond({{204, {}}, "must not be seen"});
        } else if (path == "/head") {
            std::string text = head.method + " " + head.path + " " + head.query + " " + head.peer + "\n";
            if (!head.certificate.empty()) text += "certificate " + head.certificate + "\n";
            for (const std::string& name : head.certificate_names) text += "name " + name + "\n";
            for (const auto& [name, value] : head.headers) text += name + "=" + value + "\n";
            answer(200, text);
        } else if (path == "/throw") {
            throw std::runtime_error("a defect");
        } else if (path != "/hang") {
            answer(200, "hello");
        }
    }

    void on_body(std::string body) override { answer(200, std::move(body)); }
    void on_body_error(Error error) override {
        ++counters_.body_errors;
        answer(status_of(error), error.message);
    }
    void on_writable() override {
        ++counters_.writable;
        pump();
    }
    void on_half_close() override { ++counters_.half_closed; }
    void on_gone() override {
        gone_ = true;
        ++counters_.gone;
    }

private:
    void answer(int status, std::string body) {
        client_.respond({{status, {{"content-type", "text/plain"}}}, std::move(body)});
    }
    void pump() {
        while (left_ > 0) {
            --left_;
            if (!client_.write(piece_)) return;
        }
        client_.end();
    }

    Client& client_;
    Counters& counters_;
    std::size_t left_ = 0;
    std::string piece_;
    bool gone_ = false;
};

class TestApplication final : public Application {
public:
    Counters counters;

    std::shared_ptr<RequestListener> on_request(Client& client) override {
        ++counters.requests;
        auto listener = std::make_shared<TestListener>(client, counters);
        listener->start();
        return listener;
    }
    http::Response refuse(const Error& error, std::string_view path, std::string_view) override {
        ++counters.refused;
        return {{status_of(error), {{"content-type", "text/plain"}}},
                error.message + "|" + std::string(path)};
    }
    void handshake_failed(std::string_view, std::string_view reason) override {
        ++counters.failed_handshakes;
        std::lock_guard lock(mutex_);
        last_failure_ = reason;
    }
    std::string last_failure() {
        std::lock_guard lock(mutex_);
        return last_failure_;
    }

private:
    std::mutex mutex_;
    std::string last_failure_;
};

/// A server with the application above, started.
struct TestServer {
    explicit TestServer(ServerLimits limits = {}, int workers = 2, std::shared_ptr<const ServerTls> tls = {})
        : server(application, "127.0.0.1:0", workers, limits) {
        server.set_tls(std::move(tls));
        if (auto ok = server.start(); !ok) throw std::runtime_error(ok.error().message);
    }
    std::uint16_t port() const { return server.port(); }
    Counters& counters() { return application.counters; }

    TestApplication application;
    Server server;
};

}  // namespace gatehouse::core::testing
