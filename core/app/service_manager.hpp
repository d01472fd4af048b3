// SPDX-License-Identifier: Apache-2.0
// What systemd, or whoever speaks its protocol, tells the process in its environment,
// and what it wants to hear.  Written here and not taken from libsystemd, since it is
// one datagram and some variables, and containers would carry the library for nothing.
// [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <chrono>
#include <string>

namespace gatehouse::core {

/// Sockets that were passed (LISTEN_FDS); -1: none.
struct InheritedSockets {
    int server = -1, admin = -1;
};

/// Those of the environment, which forgets them: children must not believe that they are
/// theirs.  One called "admin" is the admin's; of others the first is the server's.
/// Before any thread is made.
Result<InheritedSockets> inherited_sockets();

class ServiceManager {
public:
    /// Reads the environment, which forgets it.  Before any thread is made.
    ServiceManager();
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    void ready() const { tell("READY=1"); }
    /// ready() follows.
    void reloading() const;
    /// It will take at most this long.
    void stopping(std::chrono::milliseconds time) const;
    void alive() const { tell("WATCHDOG=1"); }

    /// alive() is expected this often; 0: never.
    std::chrono::microseconds watchdog() const { return watchdog_; }

private:
    void tell(const std::string& message) const;

    std::string address_;  // of the socket, with a leading NUL for an abstract one
    int fd_ = -1;
    std::chrono::microseconds watchdog_{0};
};

}  // namespace gatehouse::core
