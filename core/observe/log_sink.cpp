// SPDX-License-Identifier: Apache-2.0
// The log's lines on their way out; see log_sink.hpp.
#include "core/observe/log_sink.hpp"

#include "core/util/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

/// Standard error gets at most one line about a file in this time, even if some writes succeed.
constexpr std::chrono::minutes between_complaints{1};

bool is_file(std::string_view file) { return file != "stderr" && file != "stdout"; }

Error refused(const std::string& file, int number) {
    return {ErrorKind::bad_config, "cannot open the log file " + file + ": " + system_message(number)};
}

}  // namespace

LogSink::LogSink(std::string file, std::shared_ptr<LostLines> lost, LossText loss_text)
    : file_(std::move(file)),
      lost_(std::move(lost)),
      loss_text_(std::move(loss_text)),
      writer_(*lost_, [this](std::uint64_t count, int reason) { return report(count, reason); }),
      at_once_(is_file(file_) ? 16 * 1024 : PIPE_BUF) {}

LogSink::~LogSink() {
    if (is_file(file_) && descriptor_ >= 0) ::close(descriptor_);
}

Result<void> LogSink::open() {
    if (!is_file(file_)) {
        descriptor_ = file_ == "stderr" ? STDERR_FILENO : STDOUT_FILENO;
        return {};
    }
    const int opened = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (opened < 0) return refused(file_, errno);
    std::lock_guard lock(mutex_);
    if (const int old = std::exchange(descriptor_, opened); old >= 0) ::close(old);
    writer_.continue_line(ends_within_line(file_));
    return {};
}

Result<void> LogSink::can_open(const std::string& file) {
    if (!is_file(file)) return {};
    struct stat info {};
    if (::stat(file.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode)) return refused(file, EISDIR);
        if (::access(file.c_str(), W_OK) != 0) return refused(file, errno);
        return {};
    }
    const std::string folder = std::filesystem::path(file).parent_path().string();
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) return refused(file, errno);
    return {};
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_locked({line.data(), line.size()});
}

void LogSink::write_locked(std::string_view lines) {
    const int reason = writer_.write(descriptor_, lines);
    const bool failed_before = std::exchange(failing_, reason != 0);
    if (reason == 0 || failed_before || file_ == "stderr") return;
    const auto now = std::chrono::steady_clock::now();
    if (now < complain_after_) return;
    complain_after_ = now + between_complaints;
    const std::string text = "gatehouse: cannot write the log to " + file_ + ": " + system_message(reason) +
                             "; its lines are lost until it can be written again\n";
    (void)!::write(STDERR_FILENO, text.data(), text.size());
}

std::string LogSink::report(std::uint64_t count, int reason) {
    const std::string content = loss_text_(count, system_message(reason));
    spdlog::memory_buf_t line;
    // A warning, because the file can be written again.
    formatter_->format({"gatehouse", spdlog::level::warn, content}, line);
    return {line.data(), line.size()};
}

// --- lines that wait for others ------------------------------------------------

/// The lines that one thread holds.  They are written at the latest when it ends.
struct LogSink::Reservation {
    std::shared_ptr<LogSink> sink;
    std::string lines;
    spdlog::memory_buf_t line;  // the latest, whose memory serves the next

    Reservation() = default;
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    ~Reservation() { write(); }

    void write() {
        if (lines.empty()) return;
        sink->put(lines);
        lines.clear();
    }
};

LogSink::Reservation& LogSink::held() {
    thread_local Reservation of_this_thread;
    return of_this_thread;
}

void LogSink::put(std::string_view lines) {
    std::lock_guard lock(mutex_);
    write_locked(lines);
}

void LogSink::hold(const spdlog::details::log_msg& message) {
    Reservation& mine = held();
    spdlog::memory_buf_t& line = mine.line;
    line.clear();
    {
        std::lock_guard lock(mutex_);
        formatter_->format(message, line);
    }
    if (mine.sink.get() != this || mine.lines.size() + line.size() > at_once_) {
        mine.write();
        mine.sink = shared_from_this();
    }
    mine.lines.append(line.data(), line.size());
}

void LogSink::write_held() { held().write(); }

}  // namespace gatehouse::core
