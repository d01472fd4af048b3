// SPDX-License-Identifier: Apache-2.0
// One upstream's scheme, host and port: its addresses, its TLS settings and its pool of idle
// connections.  http_client.hpp limits their idle time (max_connection_idle_time).  Owned by a
// NativeHttpClient and by the transfers to this endpoint.  [the loop's thread]
#pragma once

#include "core/net/client/native/address.hpp"
#include "core/net/client/native/client_connection.hpp"

#include <gatehouse/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class Endpoint final : ClientConnection::Owner {
public:
    /// Makes the endpoint of `origin` (scheme, host and port).  Returns null if the native client
    /// does not support it.  `own_ca_file` replaces the CA file of the settings.  Reads the files
    /// that `tls` names.
    static Result<std::shared_ptr<Endpoint>> of(std::string_view origin, const UpstreamTls& tls,
                                                const std::string& own_ca_file);

    Endpoint() = default;
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    /// Takes the most recently used idle connection.  Returns null if there is no idle connection.
    std::unique_ptr<ClientConnection> take();
    /// Keeps a connection for the next request, unless the pool is full.
    void put(std::unique_ptr<ClientConnection> connection);
    /// Closes the connections that have been idle since `moment` or longer.
    void close_idle(std::chrono::steady_clock::time_point moment);
    bool has_idle() const { return !idle_.empty(); }

    std::string label = {};       // host and port, for the log
    std::string host_field = {};  // the value of the header Host
    std::string name = {};        // the name to look up; empty: `addresses` are known
    Addresses addresses = {};
    std::uint16_t port = 0;
    bool local = false;                   // never reached through a proxy
    std::shared_ptr<ClientTls> tls = {};  // null: in plain text

private:
    void on_connection_event(ClientConnection& connection, Edge edge) override;
    void drop(ClientConnection& connection);

    std::vector<std::unique_ptr<ClientConnection>> idle_;
};

}  // namespace gatehouse::core
