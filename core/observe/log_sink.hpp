// SPDX-License-Identifier: Apache-2.0
// Writes the log's lines to a file descriptor, each line in one write, or several lines
// together after hold().  If the file cannot be written, standard error has the reason once, and the lines
// are counted: see line_writer.hpp.
//
// No other line is buffered, so a process that dies has written all of them.  A write is
// at most as long as a pipe accepts atomically, or 16 KiB for a file, so lines of several
// processes do not mix.  spdlog's mutex orders the lines.
#pragma once

#include "core/observe/line_writer.hpp"

#include <gatehouse/result.hpp>

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::core {

class LogSink final : public spdlog::sinks::base_sink<std::mutex>,
                      public std::enable_shared_from_this<LogSink> {
public:
    /// The content of the line about `count` lost lines, without its time and level.
    using LossText = std::function<std::string(std::uint64_t count, const std::string& reason)>;

    /// `file` is "stderr", "stdout" or a path.  REQUIRES: open() before the first line.
    LogSink(std::string file, std::shared_ptr<LostLines> lost, LossText loss_text);
    ~LogSink() override;

    /// Opens or reopens the file.  Keeps the open file if that fails.
    Result<void> open();
    /// Whether open() would succeed.  Does not create the file.
    static Result<void> can_open(const std::string& file);

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
    /// REQUIRES: the mutex.
    void write_locked(std::string_view lines);
    std::string report(std::uint64_t count, int reason);
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

    const std::string file_;
    const std::shared_ptr<LostLines> lost_;
    const LossText loss_text_;
    LineWriter writer_;
    std::chrono::steady_clock::time_point complain_after_ = {};
    bool failing_ = false;
    int descriptor_ = -1;
    const std::size_t at_once_;  // the most bytes that one write keeps together
};

}  // namespace gatehouse::core
