// SPDX-License-Identifier: Apache-2.0
// The TLS session between one client's socket and its Connection, which owns it.
// [the loop's thread]
#pragma once

#include "core/tls/handshakes.hpp"
#include "core/tls/server_tls.hpp"
#include "core/tls/shown_certificate.hpp"
#include "core/tls/stream.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The first bytes of a client on a TLS port.
enum class Opening { incomplete, handshake, plain_text, nonsense, gone };
/// Peeks at the socket without reading.  A client costs no TLS memory until its first record
/// is complete.
Opening look_at_opening(int fd);

class TlsChannel : public TlsStream {
public:
    /// Throws std::bad_alloc.
    TlsChannel(std::shared_ptr<const ServerTls> tls, int fd, Handshakes& handshakes);

    /// Continues the handshake.
    State handshake_step();
    /// Whether the handshake resumed an earlier session by a ticket.
    bool resumed() const;
    /// The reason why the last call failed: OpenSSL's text, without secrets.
    std::string failure() const;
    /// The verified certificate of the client.
    const ShownCertificate& shown() const { return shown_; }

    /// The memory that it uses, in bytes (a measured constant).
    std::size_t size() const;

private:
    const std::shared_ptr<const ServerTls> tls_;  // its callbacks use the members of ServerTls
    Handshakes::Slot slot_;
    ShownCertificate shown_;
};

}  // namespace gatehouse::core
