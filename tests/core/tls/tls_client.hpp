// SPDX-License-Identifier: Apache-2.0
// OpenSSL's client between buffers, so that a test controls the pieces of its bytes, and a
// server's certificate that it trusts.  Every wait is bounded.  [one thread]
#pragma once

#include "core/tls/server_tls.hpp"
#include "tests/core/net/server/raw_client.hpp"
#include "tests/core/tls/certificates.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gatehouse::core::testing {

/// An authority, a certificate from it for 127.0.0.1, and both as files.
struct Identities {
    Folder folder;
    Certificate authority{"test CA", "", nullptr};
    Certificate leaf{"localhost", "IP:127.0.0.1,DNS:localhost", &authority};
    std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>();

    ServerTlsOptions options() {
        return {.certificate = leaf.write(folder / "server.pem", &authority),
                .key = leaf.write_key(folder / "server.key")};
    }
    std::shared_ptr<const ServerTls> tls() { return tls(options()); }
    std::shared_ptr<const ServerTls> tls(const ServerTlsOptions& options) {
        auto made = ServerTls::make(options, tickets);
        if (!made) throw std::runtime_error(made.error().message);
        return *made;
    }
};

class TlsClient {
public:
    using Setting = std::function<void(SSL_CTX&)>;
    using Session = std::shared_ptr<SSL_SESSION>;

    TlsClient(std::uint16_t port, const Identities& identities, const Setting& setting = {})
        : socket_(port), snapshot_(SSL_CTX_new(TLS_client_method())) {
        SSL_CTX_set_security_level(snapshot_, 0);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(snapshot_), identities.authority.x509);
        SSL_CTX_set_verify(snapshot_, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_session_cache_mode(snapshot_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(snapshot_, this);
        SSL_CTX_sess_set_new_cb(snapshot_, [](SSL* ssl, SSL_SESSION* session) {
            auto* self = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
            self->session_.reset(session, SSL_SESSION_free);
            return 1;
        });
        if (setting) setting(*snapshot_);
        ssl = SSL_new(snapshot_);
        SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_connect_state(ssl);
    }
    ~TlsClient() {
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN);  // otherwise OpenSSL would discard its session
        SSL_free(ssl);
        SSL_CTX_free(snapshot_);
    }
    TlsClient(const TlsClient&) = delete;

    SSL* ssl;
    std::size_t piece = 0;  // bytes in one packet; 0: all bytes
    gatehouse::testing::RawClient& socket() { return socket_; }

    /// Returns true if the handshake succeeds, as far as the client knows.
    bool handshake_step() {
        return until([&] { return SSL_do_handshake(ssl); }) == 1;
    }
    /// OpenSSL's text for the last failure, such as "tlsv1 alert protocol version".
    const std::string& reason() const { return reason_; }
    /// The newest ticket; null before the first.
    Session session() const { return session_; }
    void resume(const Session& session) { SSL_set_session(ssl, session.get()); }

    bool send(std::string_view bytes) {
        if (until([&] { return SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())); }) <= 0)
            return false;
        return push();
    }
    /// The bytes that would be sent now, without sending them.
    std::string take_output() {
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(ssl), &bytes);
        std::string out(bytes, static_cast<std::size_t>(size));
        (void)BIO_reset(SSL_get_wbio(ssl));
        return out;
    }
    bool push() {
        const std::string out = take_output();
        const std::size_t step = piece ? piece : std::max<std::size_t>(out.size(), 1);
        for (std::size_t at = 0; at < out.size(); at += step)
            if (!socket_.send(std::string_view(out).substr(at, step))) return false;
        return true;
    }
    /// Reads until `done`, or the end.
    std::string read_until(const std::function<bool(const std::string&)>& done) {
        std::string all;
        char bytes[16384];
        while (!done(all)) {
            const int count = until([&] { return SSL_read(ssl, bytes, sizeof bytes); });
            if (count <= 0) break;
            all.append(bytes, static_cast<std::size_t>(count));
        }
        return all;
    }
    /// Reads one response with a length.  Returns its head and body.
    std::string answer() {
        return read_until([](const std::string& all) {
            const std::size_t end = all.find("\r\n\r\n");
            if (end == all.npos) return false;
            const std::size_t length = all.find("content-length: ");
            return length < end && all.size() >= end + 4 + std::stoul(all.substr(length + 16));
        });
    }
    std::string ask(std::string_view request) {
        send(request);
        return answer();
    }
    std::string read_to_end() {
        return read_until([](const std::string&) { return false; });
    }
    /// Whether the server has sent close_notify.
    bool ended_well() const { return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0; }

private:
    /// Repeats an OpenSSL call, and moves bytes meanwhile.
    template <typename Call>
    int until(Call&& call) {
        for (;;) {
            ERR_clear_error();
            const int result = call();
            const int error = SSL_get_error(ssl, result);
            if (const char* reason = ERR_reason_error_string(ERR_peek_last_error())) reason_ = reason;
            push();
            if (result > 0 || (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)) return result;
            pollfd ready{socket_.fd(), POLLIN, 0};
            if (::poll(&ready, 1, 20'000) <= 0) return -1;
            char bytes[65536];
            const ssize_t count = ::recv(socket_.fd(), bytes, sizeof bytes, 0);
            if (count <= 0) return -1;
            BIO_write(SSL_get_rbio(ssl), bytes, static_cast<int>(count));
        }
    }

    gatehouse::testing::RawClient socket_;
    SSL_CTX* snapshot_;
    Session session_;
    std::string reason_;
};

}  // namespace gatehouse::core::testing
