// SPDX-License-Identifier: Apache-2.0
// TLS between one client's socket and its connection.  Owned by a connection.
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

/// What a client says first on a port for TLS.
enum class Opening { incomplete, handshake, plain_text, nonsense, gone };
/// Looks without reading: until its first record is complete, a client costs nothing.
Opening look_at_opening(int fd);

class TlsChannel : public TlsStream {
public:
    /// Throws std::bad_alloc.
    TlsChannel(std::shared_ptr<const ServerTls> tls, int fd, Handshakes& handshakes);

    /// Goes on with the handshake.
    State handshake_step();
    /// Whether a ticket has spared it most of that.
    bool resumed() const;
    /// Why the last call has failed: OpenSSL's words, no secret.
    std::string failure() const;
    /// The client's certificate, which has been verified.
    const ShownCertificate& shown() const { return shown_; }

    /// Bytes of memory that it holds, as measured.
    std::size_t size() const;

private:
    const std::shared_ptr<const ServerTls> tls_;  // its callbacks use what that owns
    Handshakes::Slot place_;
    ShownCertificate shown_;
};

}  // namespace gatehouse::core
