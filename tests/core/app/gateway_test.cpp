// SPDX-License-Identifier: Apache-2.0
// RequestFlow on real workers and sockets with many concurrent clients, for ThreadSanitizer.
// The upstream is a second Server.
#include "core/net/client/http_client.hpp"
#include "core/net/server/server.hpp"
#include "core/observe/log.hpp"
#include "core/request/request_flow.hpp"

#include "tests/core/plain.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using std::chrono::milliseconds;

namespace {

/// Sends the words of the request, one event each, a millisecond apart.
class Words final : public Application {
public:
    std::atomic<int> running{0}, gone{0};

    std::shared_ptr<RequestListener> on_request(Client& client) override {
        auto answer = std::make_shared<Answer>(*this, client);
        client.read_body(1 << 20);
        return answer;
    }
    http::Response refuse(const Error& error, std::string_view, std::string_view) override {
        return {{.status = status_of(error)}, {}};
    }

private:
    struct Answer final : RequestListener, std::enable_shared_from_this<Answer> {
        Answer(Words& w, Client& c) : words(w), client(&c) { ++words.running; }
        ~Answer() override { --words.running; }
        void on_body(std::string body) override {
            text = std::move(body);
            client->begin({.status = 200, .headers = {{"content-type", "text/event-stream"}}});
            client->loop().post([weak = weak_from_this()] {
                if (auto self = weak.lock()) self->step();
            });
        }
        void step() {
            if (!client) return;
            const auto end = std::min(text.find(' ', at), text.size());
            client->write("data: " + text.substr(at, end - at) + "\n\n");
            at = end + 1;
            if (at > text.size()) {
                client->write("data: FINISH\n\n");
                std::exchange(client, nullptr)->end();
                return;
            }
            client->loop().after(milliseconds(1), [weak = weak_from_this()] {
                if (auto self = weak.lock()) self->step();
            });
        }
        void on_body_error(Error) override { std::exchange(client, nullptr)->respond({{.status = 400}, {}}); }
        void on_writable() override {}
        void on_half_close() override {}
        void on_gone() override {
            client = nullptr;
            ++words.gone;
        }
        Words& words;
        Client* client;
        std::string text;
        std::size_t at = 0;
    };
};

class ToUpstream final : public Provider {
public:
    std::string url;
    struct Exchange final : plain::WordsProvider::Words {
        Exchange(const ChatRequest& request, std::string u) : Words(request), url(std::move(u)) {}
        Result<std::optional<http::Request>> request() override {
            return http::Request{.method = "POST", .url = url, .body = last_user_text(chat)};
        }
        std::string url;
    };
    Result<std::unique_ptr<gatehouse::Exchange>> chat(const ChatRequest& request) override {
        return std::make_unique<Exchange>(request, url);
    }
};

/// Signs on another thread, as a real signer does.
class SlowStamp final : public Signer {
public:
    explicit SlowStamp(HelperThreads& p) : pool(p) {}
    void sign(http::Request request, Completion<http::Request> done) override {
        auto both = std::make_shared<std::pair<http::Request, Completion<http::Request>>>(std::move(request),
                                                                                          std::move(done));
        pool.run([both] { both->second(std::move(both->first)); });
    }
    HelperThreads& pool;
};

class Gate final : public Application {
public:
    explicit Gate(std::uint16_t upstream_port) {
        provider.url = "http://127.0.0.1:" + std::to_string(upstream_port) + "/";
        auto instances = std::make_shared<const PluginInstances>(
            InstanceTable{.providers = {{"first", {"first", &provider, &stamp, "stamp"}}},
                          .dialects = {{"plain", &dialect, dialect.endpoints()}},
                          .mapper = &mapper,
                          .mapper_name = "places"},
            nullptr);
        snapshot.reset(new ConfigSnapshot{Settings{}, *log, metrics, Cors({}), std::move(instances)});
        REQUIRE(server.start());
        for (Loop* loop : server.loops()) {
            std::promise<void> made;
            loop->post([&] {
                upstreams.push_back(make_http_client(*loop, {}));
                worker_services.push_back({loop, upstreams.back().get()});
                made.set_value();
            });
            made.get_future().wait();
        }
    }
    ~Gate() override {
        server.shutdown();
        pool.stop();
        upstreams.clear();
    }
    std::shared_ptr<RequestListener> on_request(Client& client) override {
        for (const WorkerServices& worker : worker_services)
            if (worker.loop == &client.loop()) {
                auto flow = std::make_shared<RequestFlow>(snapshot, worker, client);
                flow->start();
                return flow;
            }
        return nullptr;
    }
    http::Response refuse(const Error& error, std::string_view, std::string_view) override {
        return dialect.error(error);
    }

    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    Metrics metrics{{"first"}};
    std::shared_ptr<const ConfigSnapshot> snapshot;
    HelperThreads pool{2};
    plain::PlainDialect dialect;
    plain::TwoPlaces mapper;
    ToUpstream provider;
    SlowStamp stamp{pool};
    std::vector<std::unique_ptr<HttpClient>> upstreams;
    std::vector<WorkerServices> worker_services;
    Server server{*this, "127.0.0.1:0", 2, {}};
};

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    return fd;
}

/// Sends one streaming request and reads until the connection ends, or for `bytes`.
std::string ask(std::uint16_t port, const std::string& words, std::size_t bytes = std::string::npos) {
    const int fd = connect_to(port);
    const std::string body = "stream a " + words;
    const std::string request = "POST /v1/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body;
    REQUIRE(::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    while (answer.size() < bytes)
        if (const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0); n > 0)
            answer.append(buffer, static_cast<std::size_t>(n));
        else
            break;
    ::close(fd);
    return answer;
}

/// The body of a chunked response.
std::string unchunked(const std::string& answer) {
    std::string body;
    std::size_t at = answer.find("\r\n\r\n");
    if (at == std::string::npos) return {};
    at += 4;
    while (at < answer.size()) {
        const std::size_t size = std::stoul(answer.substr(at), nullptr, 16);
        at = answer.find("\r\n", at) + 2;
        body += answer.substr(at, size);
        at += size + 2;
        if (size == 0) break;
    }
    return body;
}

void eventually(auto&& holds) {
    for (int i = 0; i < 30'000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(10));
    CHECK(holds());
}

}  // namespace

TEST_CASE("many concurrent streams do not mix, and a client that disconnects cancels its upstream request") {
    Words words;
    Server upstream(words, "127.0.0.1:0", 2, {});
    REQUIRE(upstream.start());
    {
        Gate gate(upstream.port());
        std::atomic<int> complete{0}, left{0}, wrong{0};
        std::vector<std::thread> clients;
        for (int c = 0; c < 16; ++c)
            clients.emplace_back([&, c] {
                std::minstd_rand random(static_cast<unsigned>(c) + 1);
                for (int round = 0; round < 8; ++round) {
                    const std::string word = "w" + std::to_string(c) + "r" + std::to_string(round);
                    std::string request, expected;
                    for (int i = 0; i < 20; ++i) {
                        request += (i ? " " : "") + word;
                        expected += word;
                    }
                    if (random() % 3 == 0) {
                        ask(gate.server.port(), request, 1 + random() % 300);
                        ++left;
                        continue;
                    }
                    if (unchunked(ask(gate.server.port(), request)) != expected + ".") ++wrong;
                    ++complete;
                }
            });
        for (std::thread& client : clients) client.join();
        CHECK(wrong == 0);
        CHECK(complete + left == 128);
        eventually([&] { return words.running == 0; });
        eventually([&] { return gate.server.connections() == 0; });
    }
    upstream.shutdown();
}

TEST_CASE("a server that is shut down ends its running streams") {
    Words words;
    Server upstream(words, "127.0.0.1:0", 1, {});
    REQUIRE(upstream.start());
    std::string many;
    for (int i = 0; i < 100'000; ++i) many += "word ";
    std::vector<std::thread> clients;
    {
        Gate gate(upstream.port());
        for (int c = 0; c < 8; ++c) clients.emplace_back([&, port = gate.server.port()] { ask(port, many); });
        eventually([&] { return words.running == 8; });
    }
    for (std::thread& client : clients) client.join();
    eventually([&] { return words.running == 0; });
    upstream.shutdown();
}
