// SPDX-License-Identifier: Apache-2.0
// The protocol of systemd and compatible service managers: sockets and addresses from
// the environment, and notifications to the manager.  It does not use libsystemd,
// because the protocol is one datagram and a few variables.  Owned by main().  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::core {

/// Sockets that were passed (LISTEN_FDS); -1: none.
struct InheritedSockets {
    int server = -1, admin = -1;
};

/// Reads the sockets from the environment and unsets its variables, so that child processes do
/// not use them.  The socket named "admin" is for [admin]; the first other socket is for the
/// server.  Call before any thread is made.
Result<InheritedSockets> inherited_sockets();

class ServiceManager {
public:
    /// Reads the environment and unsets its variables.  Make it before any thread.
    ServiceManager();
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    void ready() const { tell("READY=1"); }
    /// Announces a reload; ready() must follow.
    void reloading() const;
    /// Announces the shutdown, which takes at most `time`.
    void stopping(std::chrono::milliseconds time) const;
    void alive() const { tell("WATCHDOG=1"); }
    /// Names the process that replaces this one.
    void replaced_by(pid_t process) const { tell("MAINPID=" + std::to_string(process)); }
    /// The variables that the constructor took, for a process that replaces this one.
    std::vector<std::string> environment() const;

    /// The interval at which alive() is expected; 0: never.
    std::chrono::microseconds watchdog() const { return watchdog_; }

private:
    void tell(const std::string& message) const;

    std::string address_;  // socket address, with a leading NUL for an abstract one
    int fd_ = -1;
    std::chrono::microseconds watchdog_{0};
};

}  // namespace gatehouse::core
