// SPDX-License-Identifier: Apache-2.0
// The process that replaces this one in an upgrade: the program's file as it is now, with this process's
// listening sockets.  Owned by main().  [main thread]
#pragma once

#include "core/app/service_manager.hpp"

#include <gatehouse/result.hpp>

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::core {

class NewProcess {
public:
    struct Start {
        std::filesystem::path program, config;
        InheritedSockets sockets;              // stay open in this process
        std::vector<std::string> environment;  // NAME=VALUE, in addition to that of this process
    };
    enum class State { starting, accepting, ended };

    /// Starts `gatehouse serve`.  The error names the system call that failed.
    static Result<NewProcess> start(const Start& given);
    NewProcess(NewProcess&& other) noexcept;
    NewProcess& operator=(NewProcess&&) = delete;
    /// Ends with a process that has ended.
    ~NewProcess();

    /// Does not wait.
    State state();
    /// Why it ended, as it has said; empty: it has not.
    const std::string& reason() const { return reason_; }
    pid_t process() const { return process_; }

private:
    NewProcess(pid_t process, int pipe) : process_(process), pipe_(pipe) {}

    pid_t process_;
    int pipe_;  // the new process writes "+" when it accepts connections, or "-" and the reason if it fails
    std::string reason_ = {};
};

/// The old process, as the new one sees it.
class OldProcess {
public:
    /// Reads the environment and unsets its variables.  Make it before inherited_sockets() and any thread.
    OldProcess();
    ~OldProcess();
    OldProcess(const OldProcess&) = delete;
    OldProcess& operator=(const OldProcess&) = delete;

    /// Tells the old process that this one accepts connections.  Has no effect without an old process.
    void replaced();
    /// Tells the old process why this one ends before that; at most the first 2 kB.  Has no effect without an
    /// old process.
    void failed(const std::string& reason);

private:
    int pipe_ = -1;
};

}  // namespace gatehouse::core
