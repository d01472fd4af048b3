// SPDX-License-Identifier: Apache-2.0
// A program of the operator: asks it line by line, and starts it again when it has ended.
//
// The program gets one call at a time, so that a call that ends the program, or has no reply, fails alone.
// The calls that wait go to the next process.
#pragma once

#include "plugins/hook/process/process.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace gatehouse::process {

struct Reply {
    std::string line;
    std::uint64_t process;  // the number of the process that replied, from 1
};

/// [any thread]
class Program {
public:
    using Done = std::function<void(Result<Reply>)>;
    /// Sends a line to a new process and returns the reply.  Throws std::runtime_error.
    using Ask = std::function<std::string(const std::string& line)>;

    struct Options {
        Command command = {};
        /// The first calls of each process.  An exception means that it cannot be used.  [the program's
        /// thread]
        std::function<void(const Ask&)> begin = {};
        std::chrono::milliseconds start_limit{}, limit{};  // for a call of `begin`, and for another one
        std::size_t most_waiting_bytes = 0;                // lines of calls that wait
    };

    /// Starts the program, and waits for the end of `begin`.  Throws its exception.  A program that does not
    /// start is a std::runtime_error, whose text follows the program's name.  `host` outlives it.
    Program(Options options, Host& host);
    /// Ends the program.  Calls that wait are dropped.
    ~Program();

    /// Asks for the reply to `line`, which ends with "\n".  `done` is called once, on the thread of the
    /// program or in the call, and does not block.  `process`: the process that must reply; 0: any.  The
    /// error is `unavailable`, and its message a phrase that follows the program's name.
    void ask(std::string line, std::uint64_t process, Done done);

private:
    struct Call {
        std::string line;
        std::uint64_t process;
        Done done;
    };
    void serve(std::promise<void> started);
    void start();
    void start_again();
    bool serve_calls();
    std::optional<Call> next();
    void refuse_waiting();
    void lost(const std::string& reason);

    const Options options_;
    Host& host_;
    Counter& restarts_;
    Wake wake_;
    std::unique_ptr<Process> process_;  // used by the thread only
    std::mutex mutex_;                  // guards the next five
    std::deque<Call> calls_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t number_ = 0;  // the running process; 0: none
    std::uint64_t last_number_ = 0;
    bool accepts_ = false;  // calls may wait for a process
    std::thread thread_;    // last: it uses the other members
};

}  // namespace gatehouse::process
