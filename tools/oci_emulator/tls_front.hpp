// SPDX-License-Identifier: Apache-2.0
// A TLS front for a plain-text server: terminates TLS at one address and forwards
// the bytes to a local port, with one thread per connection.  Members: [main
// thread].
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

/// A server's certificate in PEM form, followed by its chain.
struct TlsIdentity {
    std::string certificate_pem, key_pem;
};

/// A CA, and a certificate that it issued for these names ("DNS:localhost",
/// "IP:127.0.0.1").
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

    /// Listens on `address` (HOST:PORT; port 0 selects a free port) and forwards
    /// to `target`, a port of 127.0.0.1.
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
