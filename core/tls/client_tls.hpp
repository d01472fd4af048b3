// SPDX-License-Identifier: Apache-2.0
// TLS to one upstream: the identity that it must have, the gateway's own certificate, and
// the sessions that the next connections resume.  Reading the files blocks.  Shared by an
// Endpoint and its connections.  [the loop's thread]
#pragma once

#include "core/tls/stream.hpp"
#include "core/tls/tls_fault.hpp"
#include "core/tls/upstream_tls.hpp"

#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <vector>

struct ssl_session_st;

namespace gatehouse::core {

class ClientTls {
public:
    enum class Fault { none, authorities, identity };

    /// `host` is as in a URL, in lower case, without a port or brackets.  If a file cannot be
    /// used, `fault` names the file and the error has the reason.
    static Result<std::shared_ptr<ClientTls>> make(const HostTls& wanted, const std::string& host,
                                                   Fault& fault);
    ~ClientTls();
    ClientTls(const ClientTls&) = delete;
    ClientTls& operator=(const ClientTls&) = delete;

private:
    friend class ClientStream;

    ClientTls(const HostTls& wanted, const std::string& host);
    static int on_session(ssl_st* ssl, ssl_session_st* session);
    void resume(ssl_st& ssl);
    bool accepts_key(const ssl_st& ssl) const;

    ssl_ctx_st* context_;
    std::string host_;
    bool is_name_;
    std::vector<std::string> pins_;
    std::vector<ssl_session_st*> sessions_;  // the latest last
};

/// The TLS session of one connection to the upstream.
class ClientStream : public TlsStream {
public:
    /// Throws std::bad_alloc.
    ClientStream(std::shared_ptr<ClientTls> tls, int fd);

    /// Continues the handshake.  Done means that the upstream's identity is verified.
    State handshake_step();
    /// Whether the last call failed because the upstream's identity is not accepted.
    bool distrusted() const;
    /// The cause why the last call failed; none if the connection broke and TLS did not.
    TlsFault fault() const;
    /// The reason why the last call failed, with advice, for the log.
    std::string failure() const;

private:
    const std::shared_ptr<ClientTls> tls_;
    bool wrong_key_ = false;
};

}  // namespace gatehouse::core
