// SPDX-License-Identifier: Apache-2.0
// The TLS front: all bytes pass in both directions, and both kinds of close are
// kept.
#include "tools/oci_emulator/tls_front.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

// A plain server that serves one connection, on its own thread.
class PlainServer {
public:
    explicit PlainServer(std::function<void(int)> serve) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 1) == 0);
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this, serve = std::move(serve)] {
            const int client = ::accept(listener_, nullptr, nullptr);
            if (client >= 0) serve(client);
            if (client >= 0) ::close(client);
        });
    }
    ~PlainServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    std::uint16_t port = 0;

private:
    int listener_ = -1;
    std::thread thread_;
};

// A client that trusts only `ca_pem`.
class TlsClient {
public:
    TlsClient(std::uint16_t port, const std::string& ca_pem, const char* host) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
            BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())), BIO_free);
        const std::unique_ptr<X509, decltype(&X509_free)> ca(
            PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), ca.get());
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        session_.reset(SSL_new(context_.get()));
        SSL_set_fd(session_.get(), fd_);
        SSL_set1_host(session_.get(), host);
        connected = SSL_connect(session_.get()) == 1;
    }
    ~TlsClient() {
        session_.reset();
        ::close(fd_);
    }

    void write(const std::string& bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            const int put = SSL_write(session_.get(), bytes.data() + at, static_cast<int>(bytes.size() - at));
            REQUIRE(put > 0);
            at += static_cast<std::size_t>(put);
        }
    }
    // Reads up to `most` bytes, or to the end.  `regular` reports a regular close.
    std::string read(std::size_t most) {
        std::string all;
        char buffer[16384];
        while (all.size() < most) {
            const int got = SSL_read(session_.get(), buffer, sizeof buffer);
            if (got <= 0) {
                regular = SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN;
                break;
            }
            all.append(buffer, static_cast<std::size_t>(got));
        }
        return all;
    }
    void finish() { SSL_shutdown(session_.get()); }

    bool connected = false;
    std::optional<bool> regular;

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                               SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> session_{nullptr, SSL_free};
    int fd_ = -1;
};

const GeneratedTls& generated() {
    static const GeneratedTls made = generate_tls({"DNS:localhost", "IP:127.0.0.1"});
    return made;
}

void echo(int client) {
    char buffer[10000];
    for (ssize_t got; (got = ::recv(client, buffer, sizeof buffer, 0)) > 0;)
        for (ssize_t at = 0; at < got;)
            at += ::send(client, buffer + at, static_cast<std::size_t>(got - at), MSG_NOSIGNAL);
}

struct Front {
    TlsFront front;
    explicit Front(std::uint16_t target) { REQUIRE(front.start("127.0.0.1:0", generated().server, target)); }
};

}  // namespace

TEST_CASE("many bytes pass unchanged in both directions at once") {
    PlainServer server(echo);
    Front front(server.port);
    TlsClient client(front.front.port(), generated().ca_pem, "localhost");
    REQUIRE(client.connected);
    std::string sent;
    for (int i = 0; i < 200'000; ++i) sent += std::to_string(i) + ",";
    std::thread writer([&] { client.write(sent.substr(0, 400'000)); });
    writer.join();
    CHECK(client.read(400'000) == sent.substr(0, 400'000));
    client.write("and more");
    CHECK(client.read(8) == "and more");
    client.finish();
    CHECK(client.read(1).empty());
    CHECK(client.regular == true);
}

TEST_CASE("a regular close is forwarded as such; a reset connection is not") {
    bool cut = false;
    SUBCASE("ends") {}
    SUBCASE("cut") { cut = true; }
    PlainServer server([&](int client) {
        char byte = 0;
        ::recv(client, &byte, 1, 0);
        ::send(client, "half", 4, MSG_NOSIGNAL);
        // A close with a zero linger time sends RST.
        const linger hard{cut, 0};
        if (cut) std::this_thread::sleep_for(std::chrono::milliseconds(100));
        ::setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    });
    Front front(server.port);
    TlsClient client(front.front.port(), generated().ca_pem, "localhost");
    client.write("x");
    CHECK(client.read(100) == "half");
    CHECK(client.regular == !cut);
}

TEST_CASE("a client that trusts another CA, or expects another name, does not connect") {
    PlainServer server(echo);
    Front front(server.port);
    CHECK_FALSE(TlsClient(front.front.port(), generate_tls({"DNS:localhost"}).ca_pem, "localhost").connected);
    CHECK_FALSE(TlsClient(front.front.port(), generated().ca_pem, "other.example").connected);
}

TEST_CASE("another certificate's key, an address in use and an invalid address are refused") {
    TlsFront front;
    CHECK_FALSE(
        front.start("127.0.0.1:0", {generated().server.certificate_pem, private_pem(new_rsa_key())}, 1));
    CHECK_FALSE(TlsFront().start("127.0.0.1:0", {"", ""}, 1));
    CHECK_FALSE(TlsFront().start("nonsense", generated().server, 1));
    PlainServer taken(echo);
    CHECK_FALSE(TlsFront().start("127.0.0.1:" + std::to_string(taken.port), generated().server, 1));
}

TEST_CASE("the front stops while connections are open, half open or silent") {
    PlainServer server(echo);
    std::optional<Front> front(std::in_place, server.port);
    TlsClient open(front->front.port(), generated().ca_pem, "localhost");
    REQUIRE(open.connected);
    const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(front->front.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    front.reset();
    CHECK(open.read(1).empty());
    ::close(silent);
}
