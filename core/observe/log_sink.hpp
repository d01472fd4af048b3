// SPDX-License-Identifier: Apache-2.0
// Writes the log's lines to a file descriptor, each line in one write, or several lines
// together after hold().
//
// No other line is buffered, so a process that dies has written all of them.  A write is
// at most as long as a pipe accepts atomically, or 16 KiB for a file, so lines of several
// processes do not mix.  spdlog's mutex orders the lines.
#pragma once

#include <gatehouse/result.hpp>

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>

namespace gatehouse::core {

class LogSink final : public spdlog::sinks::base_sink<std::mutex>,
                      public std::enable_shared_from_this<LogSink> {
public:
    /// `file` is "stderr", "stdout" or a path.  REQUIRES: open() before the first line.
    explicit LogSink(std::string file);
    ~LogSink() override;

    /// Opens or reopens the file.  Keeps the open file if that fails.
    Result<void> open();
    /// Whether open() would succeed.  Does not create the file.
    Result<void> can_open() const;

    /// -1 before open().
    int descriptor() {
        std::lock_guard lock(mutex_);
        return descriptor_;
    }

    /// Keeps a line until this thread calls write_held(), or until there are too many for one write.
    void hold(const spdlog::details::log_msg& message);
    /// Writes the lines that this thread holds, to the sink of each.
    static void write_held();

private:
    struct Reservation;
    static Reservation& held();
    void put(std::string_view lines);
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

    Error refused(int number) const;
    bool is_file() const { return file_ != "stderr" && file_ != "stdout"; }

    const std::string file_;
    int descriptor_ = -1;
    const std::size_t at_once_;  // the most bytes that one write keeps together
};

}  // namespace gatehouse::core
