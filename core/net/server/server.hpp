// SPDX-License-Identifier: Apache-2.0
// The listener and its workers: accepts connections on one address and hands
// each to one of N threads for its whole life.
//
// Built on Pistache's reactor and peers; worker.hpp is our own transport.
// Members without a mark: [main thread].
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
    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};  // and for each MiB of it:
    std::chrono::milliseconds body_timeout_per_mb{1'000};
    std::chrono::milliseconds keep_alive{75'000};
    std::chrono::milliseconds client_stall{30'000};  // a client that reads nothing
    std::size_t max_handshakes = 1'000;              // at once
};

class Server {
public:
    /// `listen` is "127.0.0.1:8050", "[::1]:8050", "localhost:8050"; port 0 takes
    /// a free one.  `workers` 0: one per core.  The application must outlive the server.
    /// What is held for clients is counted in `memory`, if there is one; it must outlive the server.
    Server(Application& application, std::string listen, int workers, ServerLimits limits,
           MemoryBudget* memory = nullptr);
    ~Server();

    /// Listens on this inherited socket in place of the address.  Before start().
    void take_over(int listening_socket);
    /// Binds and starts the threads, and accepts unless that is to wait for accept(): until
    /// then clients wait with the kernel.  An error says which address and why.
    Result<void> start(bool accepting = true);
    void accept();
    /// The real one.  REQUIRES: started.
    std::uint16_t port() const;
    /// One per worker, in a fixed order.  REQUIRES: started.
    std::vector<Loop*> loops() const;

    /// For connections that begin from now on; null: in plain text.  Also before start().
    void set_tls(std::shared_ptr<const ServerTls> tls);
    /// Other limits, from each connection's next step on.
    void set_limits(const ServerLimits& limits);

    /// Refuses new connections, closes idle ones, lets the running requests end
    /// with `connection: close`.
    void stop_accepting();
    /// Tells the running requests that they must end now.
    void finish_now();
    /// Connections that the limit of descriptors has room for.
    std::size_t affordable() const;
    /// Connections that are still open.  [any thread]
    std::size_t connections() const;
    /// Ends the threads; what is open is cut.  Nothing of the application runs afterwards.
    void shutdown();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core
