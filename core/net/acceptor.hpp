// SPDX-License-Identifier: Apache-2.0
// The thread that accepts clients and hands each to somebody else.  In place of
// Pistache's own acceptor, which spins while the process has no descriptor left, has
// no way to stop, and cannot serve a socket that it has not made.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

namespace gatehouse::core {

class Acceptor {
public:
    /// Takes the client's socket, which does not block.  [the acceptor's thread]
    using Deliver = std::function<void(int fd, const sockaddr_storage& peer)>;

    /// Owns `listening`, which must not block.  Of an `inherited` one others have copies:
    /// who waits to be accepted when this stops is theirs to serve.
    /// Throws std::system_error if there are no descriptors for it.
    Acceptor(int listening, bool inherited, Deliver deliver);
    ~Acceptor() { stop(); }
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    /// Accepts who waits already, unless the socket is inherited, and closes it.
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
    const Deliver deliver_;
    int stop_fd_ = -1;
    int reserve_ = -1;  // given up for a moment to turn somebody away when there is no other
    std::optional<std::chrono::steady_clock::time_point> shortage_since_;
    std::thread thread_;
};

}  // namespace gatehouse::core
