// SPDX-License-Identifier: Apache-2.0
// A running program that answers lines with lines on its standard input and output.  One thread.
#pragma once

#include "plugins/hook/process/wake.hpp"

#include <gatehouse/result.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::process {

struct Command {
    std::vector<std::string> words = {};        // not empty
    std::vector<std::string> environment = {};  // "NAME=value"; the program has no other variables
    std::int64_t memory_mb = 0;                 // limit of its address space; 0: none
    std::size_t longest_line = 0;               // the limit of a reply, in bytes
};

class Process {
public:
    /// Starts the program.  It has the gateway's working directory and standard error, and ends if the
    /// calling thread ends.  The message of an error is a phrase: "No such file or directory".
    static Result<std::unique_ptr<Process>> start(const Command& command);
    /// Closes its input, and kills it if it runs longer than `grace`.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Sends `line`, which ends with "\n", and returns the reply without its line end.  The message of an
    /// error is a phrase that follows the program's name: "did not reply within 5000 ms".  The process is of
    /// no use then.
    Result<std::string> ask(std::string_view line, std::chrono::milliseconds limit, Wake& wake);
    /// Waits for `wake`.  Returns an error as ask() does if the process ends, or writes without being asked.
    Result<void> idle(Wake& wake);

private:
    using Time = std::chrono::steady_clock::time_point;
    Process(pid_t id, int socket, std::size_t longest_line)
        : id_(id), socket_(socket), longest_line_(longest_line) {}
    Result<void> send(std::string_view line, Time until, Wake& wake);
    Result<std::string> read_line(Time until, Wake& wake);
    Result<void> wait_for(short events, Time until, Wake& wake);
    std::optional<int> end();
    int kill();
    Error ended();

    static constexpr std::chrono::milliseconds grace{200};
    pid_t id_;  // 0: it has ended
    const int socket_;
    const std::size_t longest_line_;
    std::string unread_;
    std::chrono::milliseconds limit_{};
};

}  // namespace gatehouse::process
