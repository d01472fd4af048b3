// SPDX-License-Identifier: Apache-2.0
// The log's lines on their way out; see sink.hpp.
#include "core/observe/log_sink.hpp"

#include "core/util/text_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

/// Writes all of it.  A line that cannot be written is lost: there is nowhere to say so.
void write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {  // a terminal or pipe in non-blocking mode
            pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
            if (::poll(&waiting, 1, 100) <= 0) return;
        } else if (errno != EINTR) {
            return;
        }
    }
}

}  // namespace

LogSink::LogSink(std::string file) : file_(std::move(file)), at_once_(is_file() ? 16 * 1024 : PIPE_BUF) {}

LogSink::~LogSink() {
    if (is_file() && descriptor_ >= 0) ::close(descriptor_);
}

Result<void> LogSink::open() {
    if (!is_file()) {
        descriptor_ = file_ == "stderr" ? STDERR_FILENO : STDOUT_FILENO;
        return {};
    }
    const int opened = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (opened < 0)
        return Error{ErrorKind::bad_config,
                     "cannot open the log file " + file_ + ": " + system_message(errno)};
    std::lock_guard lock(mutex_);
    if (const int old = std::exchange(descriptor_, opened); old >= 0) ::close(old);
    return {};
}

Result<void> LogSink::can_open() const {
    if (!is_file()) return {};
    struct stat info {};
    if (::stat(file_.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode)) return refused(EISDIR);
        if (::access(file_.c_str(), W_OK) != 0) return refused(errno);
        return {};
    }
    const std::string folder = std::filesystem::path(file_).parent_path().string();
    if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0) return refused(errno);
    return {};
}

Error LogSink::refused(int number) const {
    return {ErrorKind::bad_config, "cannot open the log file " + file_ + ": " + system_message(number)};
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_all(descriptor_, {line.data(), line.size()});
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
    write_all(descriptor_, lines);
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
