// SPDX-License-Identifier: Apache-2.0
// One upstream's host and port: how it is reached, and the connections to it that wait for
// the next request.  Owned by a NativeHttpClient and the transfers that go there.
// [the loop's thread]
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
    /// What `origin` names, scheme, host and port; null if it is nothing for us.  `own_ca_file`
    /// replaces that of the settings.  Reads the files that `tls` names.
    static Result<std::shared_ptr<Endpoint>> of(std::string_view origin, const UpstreamTls& tls,
                                                const std::string& own_ca_file);

    Endpoint() = default;
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    /// A connection that waits, the latest one; null if there is none.
    std::unique_ptr<ClientConnection> take();
    /// Keeps a connection for the next request, unless there are many.
    void put(std::unique_ptr<ClientConnection> link);
    /// Closes those that wait since `moment` or longer.
    void close_idle(std::chrono::steady_clock::time_point moment);
    bool has_idle() const { return !idle_.empty(); }

    std::string label = {};       // host and port, for the log
    std::string host_field = {};  // as Host has it
    std::string name = {};        // to be looked up; empty: `addresses` are known
    Addresses addresses = {};
    std::uint16_t port = 0;
    bool local = false;                   // never behind a proxy
    std::shared_ptr<ClientTls> tls = {};  // null: in plain text

private:
    void on_link(ClientConnection& link, Edge edge) override;
    void drop(ClientConnection& link);

    std::vector<std::unique_ptr<ClientConnection>> idle_;
};

}  // namespace gatehouse::core
