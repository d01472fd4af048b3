// SPDX-License-Identifier: Apache-2.0
// The thread that accepts connections and delivers each to the server.  Owned by Server.
// It replaces Pistache's acceptor, which spins if the process has no descriptors left,
// cannot be stopped, and cannot use an inherited socket.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

namespace gatehouse::core {

class Acceptor {
public:
    /// Takes the client's non-blocking socket.  [the acceptor's thread]
    using Deliver = std::function<void(int fd, const sockaddr_storage& peer)>;

    /// Owns `listening`, which must be non-blocking.  If it is `inherited`, another process has a
    /// copy, and serves the connections that are still pending when this stops.
    /// Throws std::system_error if there are no descriptors left.
    Acceptor(int listening, bool inherited, Deliver deliver);
    ~Acceptor() { stop(); }
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    /// The socket.  From now on another process has a copy too.  [main thread]
    int share();
    /// The other process has ended.
    void unshare() { shared_ = inherited_; }
    /// Accepts the pending connections, unless another process has the socket, and closes the socket.
    /// [main thread]
    void stop();

private:
    enum class Outcome { accepted, none, shortage, broken };

    void run();
    Outcome accept_one();
    void go_short();
    void shed();
    bool told_to_stop(int milliseconds) const;

    int listening_;
    const bool inherited_;
    std::atomic<bool> shared_;  // another process has the socket too
    const Deliver deliver_;
    int stop_fd_ = -1;
    int reserve_ = -1;  // closed briefly to reject a client if no other descriptor is free
    std::optional<std::chrono::steady_clock::time_point> shortage_since_;
    std::thread thread_;
};

}  // namespace gatehouse::core
