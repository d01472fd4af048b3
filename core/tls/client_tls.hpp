// SPDX-License-Identifier: Apache-2.0
// TLS to one upstream: whom it must be, how we show ourselves, and the sessions that it
// gave us, which spare the next connection most of the handshake.  Reading its files
// blocks.  Belongs to one loop.  [the loop's thread]
#pragma once

#include "core/tls/stream.hpp"
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

    /// For `host` as in a URL, in lower case, without a port or brackets.  If the files cannot
    /// be used, `fault` says which, and the error why.
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

    ssl_ctx_st* snapshot_;
    std::string host_;
    bool is_name_;
    std::vector<std::string> pins_;
    std::vector<ssl_session_st*> sessions_;  // the latest last
};

/// The TLS of one connection to it.
class ClientStream : public TlsStream {
public:
    /// Throws std::bad_alloc.
    ClientStream(std::shared_ptr<ClientTls> tls, int fd);

    /// Goes on with the handshake; done: it is who it must be.
    State handshake_step();
    /// Whether the last call has failed because it is not.
    bool distrusted() const;
    /// Why the last call has failed, and what can be done about it, for the log.
    std::string failure() const;

private:
    const std::shared_ptr<ClientTls> tls_;
    bool wrong_key_ = false;
};

}  // namespace gatehouse::core
