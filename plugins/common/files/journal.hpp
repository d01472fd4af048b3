// SPDX-License-Identifier: Apache-2.0
// Appends lines to a file that only its owner may read, on a helper thread.  A line is written at once, under
// load after at most some milliseconds.  Bounded.  [any thread]
//
// Lines that cannot be written are lost: the log has the reason once, the counter `lines_lost_total` of the
// instance counts them, and the log has their number when the file can be written again.  The file then has
// no part of a lost line.  The gateway's own log does the same: see core/observe/line_writer.hpp.
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse {

class Journal final : public std::enable_shared_from_this<Journal> {
public:
    /// `host` is that of the instance, which is under construction.
    Journal(std::string file, Host& host);
    /// Writes the pending lines, so that no line is lost when an instance is destroyed.
    ~Journal();

    /// Checks that the file can be written or created.  Does not create it yet.  The error's
    /// message is a phrase.
    Result<void> check() const;

    /// Adds a complete line, with its line end.  Uses `host` only during the call, to run a helper task.
    void append(std::string line, Host& host);

private:
    /// The lines that a call has not written, and why.
    struct Lost {
        std::size_t count = 0;
        std::string reason = {};
    };
    void write_and_continue(Host& host);
    void write_waiting(Host* host);
    void continue_later(Host& host);
    Lost write(std::string_view lines);
    Result<off_t> open();
    void close();
    void report(std::size_t lost, const std::string& reason, Host& host);

    Counter& lost_total_;
    const std::string file_;  // looked at before each write, so that log rotation only needs a rename
    std::mutex mutex_;        // guards the next three members
    std::string waiting_;
    std::size_t dropped_ = 0;
    bool writer_is_due_ = false;
    std::mutex writing_;     // one at a time, so that lines stay in order; guards the members below
    std::size_t lost_ = 0;   // since the file could not be written
    int opened_ = -1;        // the file
    dev_t device_ = 0;       // the open file
    ino_t inode_ = 0;        // the open file
    off_t whole_until_ = 0;  // its size after the last write, which ended with a line
};

}  // namespace gatehouse
