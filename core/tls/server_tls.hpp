// SPDX-License-Identifier: Apache-2.0
// The TLS settings for clients: the certificate, the key and the client authorities, as
// read once from [server.tls].
// Made on the main thread, then read-only and shared by the workers.  A connection keeps
// the settings under which it began.
#pragma once

#include "core/tls/identity.hpp"
#include "core/tls/server_tls_options.hpp"
#include "core/tls/ticket_keys.hpp"

#include <gatehouse/result.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace gatehouse::core {

class ServerTls {
public:
    /// Reads the files.  The error's `param` is the configuration key at fault.
    static Result<std::shared_ptr<const ServerTls>> make(const ServerTlsOptions& options,
                                                         std::shared_ptr<TicketKeys> tickets);
    ~ServerTls();
    ServerTls(const ServerTls&) = delete;
    ServerTls& operator=(const ServerTls&) = delete;

    ssl_ctx_st* context() const { return context_; }
    const Validity& validity() const { return validity_; }

private:
    explicit ServerTls(std::shared_ptr<TicketKeys> tickets);

    std::shared_ptr<TicketKeys> tickets_;
    ssl_ctx_st* context_;
    Validity validity_;
};

}  // namespace gatehouse::core
