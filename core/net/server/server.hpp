// SPDX-License-Identifier: Apache-2.0
// The HTTP server: accepts connections on one address and gives each to one of N
// workers for its lifetime.  Owned by Gateway.
//
// Built on Pistache's reactor and peers; worker.hpp replaces Pistache's transport.
// Members without a tag: [main thread].
#pragma once

#include "core/net/server/client.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

class MemoryBudget;
class ServerTls;

/// Limits of every connection.
struct ServerLimits {
    std::size_t max_connections = 10'000;
    std::size_t max_header_bytes = 32'768;
    std::size_t max_headers = 100;
    std::size_t client_buffer_bytes = 32'768;
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};  // and for each MiB of it:
    std::chrono::milliseconds body_timeout_per_mb{1'000};
    std::chrono::milliseconds keep_alive{75'000};
    std::chrono::milliseconds client_write_timeout{30'000};  // a client that reads nothing
    std::size_t max_handshakes = 1'000;                      // at once
};

class Server {
public:
    /// `listen` is "127.0.0.1:8050", "[::1]:8050", "localhost:8050"; port 0 takes
    /// a free port.  `workers` 0: one per core, up to max_workers.  The application must outlive the
    /// server.  `memory`, if not null, counts the bytes that are held for clients; it must outlive the
    /// server.
    Server(Application& application, std::string listen, int workers, ServerLimits limits,
           MemoryBudget* memory = nullptr);
    ~Server();

    /// Uses this inherited socket instead of the address.  Call before start().
    void take_over(int listening_socket);
    /// Binds and starts the threads.  If `accepting` is false, clients wait in the kernel until
    /// accept().  The error names the address and the reason.
    Result<void> start(bool accepting = true);
    void accept();
    /// The bound port.  REQUIRES: started.
    std::uint16_t port() const;
    /// One loop per worker, in a fixed order.  REQUIRES: started.
    std::vector<Loop*> loops() const;

    /// The listening socket, for a copy in another process, which serves pending connections when this one
    /// stops.  -1: not accepting.
    int share_socket();
    /// That process has ended.
    void unshare_socket();

    /// Applies to new connections; null: plain text.  May be called before start().
    void set_tls(std::shared_ptr<const ServerTls> tls);
    /// Changes the limits, from each connection's next step on.
    void set_limits(const ServerLimits& limits);

    /// Rejects new connections, closes idle connections, and lets the running requests end with
    /// `connection: close`.
    void stop_accepting();
    /// Ends the running requests now.
    void finish_now();
    /// The number of connections that the descriptor limit allows.
    std::size_t affordable() const;
    /// The number of open connections.  [any thread]
    std::size_t connections() const;
    /// Ends the threads and closes all connections.  No code of the application runs afterwards.
    void shutdown();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core
