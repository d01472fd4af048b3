// SPDX-License-Identifier: Apache-2.0
// TLS before a server that has none: ends it at one address and passes the
// bytes on to a port of this machine, a thread a connection.
// Members: [main thread].
#pragma once

#include "tools/oci_emulator/identity/certificates.hpp"

#include <openssl/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace gatehouse::emulator {

/// What a server shows: PEM, the certificate first, its chain behind it.
struct TlsIdentity {
    std::string certificate_pem, key_pem;
};

/// An authority, and a certificate by it for these names ("DNS:localhost", "IP:127.0.0.1").
struct GeneratedTls {
    TlsIdentity server;
    std::string ca_pem;
};
GeneratedTls generate_tls(const std::vector<std::string>& names);

class TlsFront {
public:
    TlsFront() = default;
    ~TlsFront();
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;

    /// Listens on `address` (HOST:PORT; 0 takes a free one) for what listens on `target`, a port of
    /// 127.0.0.1.
    Result<void> start(const std::string& address, const TlsIdentity& identity, std::uint16_t target);
    std::uint16_t port() const { return port_; }

private:
    void accept_all();
    void serve(int client);

    std::shared_ptr<SSL_CTX> context_;
    int listener_ = -1;
    std::uint16_t port_ = 0, target_ = 0;
    std::atomic<bool> ending_ = false;
    std::atomic<int> running_ = 0;
    std::thread acceptor_;
};

}  // namespace gatehouse::emulator
