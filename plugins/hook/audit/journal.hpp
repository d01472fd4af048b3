// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file that only its owner may read, on a helper thread.  Bounded:
// lines that a slow disk cannot take are dropped, and counted in the log.  [any thread]
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <memory>
#include <mutex>
#include <string>

namespace gatehouse::audit {

class Journal final : public std::enable_shared_from_this<Journal> {
public:
    explicit Journal(std::string file) : file_(std::move(file)) {}
    /// What still waits is written here: nothing is lost when an instance goes.
    ~Journal();

    /// Whether the file can be written, or made; it is not made yet.  The error's message
    /// is a phrase.
    Result<void> check() const;

    /// Takes a whole line, with its end.  `host` is asked for a helper thread during the call.
    void append(std::string line, Host& host);

private:
    void write_waiting(Host* host);

    const std::string file_;  // opened for each write, so that log rotation only needs a rename
    std::mutex mutex_;        // of the next three
    std::string waiting_;
    std::size_t dropped_ = 0;
    bool writer_is_due_ = false;
    std::mutex writing_;  // one at a time, so that lines stay in order
};

}  // namespace gatehouse::audit
