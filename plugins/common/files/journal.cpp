// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/files/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse {

namespace {

constexpr std::size_t most_waiting = 16 * 1024 * 1024;
// Between two writes under load.  To wake a thread for each line costs more than the line.
constexpr std::chrono::milliseconds pause{5};

Error journal_error() {
    return {ErrorKind::bad_config, std::error_code(errno, std::generic_category()).message()};
}

bool is_private(const struct stat& info) { return (info.st_mode & (S_IRWXG | S_IRWXO)) == 0; }

/// Open for appending and suitable for private text.  Never waits for the
/// other end of a pipe, never follows a symbolic link.
Result<int> open_journal(const std::string& file) {
    const int opened =
        ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (opened < 0) return journal_error();
    struct stat info {};
    Result<int> result = opened;
    if (::fstat(opened, &info) != 0)
        result = journal_error();
    else if (!S_ISREG(info.st_mode))
        result = Error{ErrorKind::bad_config, "it is not a regular file"};
    else if (!is_private(info))
        result =
            Error{ErrorKind::bad_config, "users other than its owner may read or write it: `chmod 600` it"};
    if (!result) ::close(opened);
    return result;
}

std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Whether the last line of a file of this size has no end, because a process has died while it wrote.
bool ends_within_line(int file, off_t size) {
    char last = '\n';
    return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

Journal::Journal(std::string file, Host& host)
    : lost_total_(host.counter("lines_lost_total", "Lines that could not be written to the file.")),
      file_(std::move(file)) {}

Journal::~Journal() {
    write_waiting(nullptr);
    close();
}

void Journal::close() {
    if (opened_ >= 0) ::close(std::exchange(opened_, -1));
}

// Keeps the file open as long as its path leads to it: to open it for each line costs more than to write.
// Returns its size.
Result<off_t> Journal::open() {
    struct stat info {};
    if (opened_ >= 0 && ::lstat(file_.c_str(), &info) == 0 && info.st_dev == device_ &&
        info.st_ino == inode_ && is_private(info))
        return info.st_size;
    close();
    auto opened = open_journal(file_);
    if (!opened) return opened.error();
    opened_ = *opened;
    if (::fstat(opened_, &info) != 0) return journal_error();
    device_ = info.st_dev, inode_ = info.st_ino, whole_until_ = 0;
    return info.st_size;
}

Journal::Lost Journal::write(std::string_view lines) {
    const auto size = open();
    if (!size) return {lines_in(lines), size.error().message};
    const bool mends = *size != whole_until_ && ends_within_line(opened_, *size);
    const std::string continued = mends ? "\n" + std::string(lines) : "";
    const std::string_view text = mends ? std::string_view(continued) : lines;
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(opened_, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const Error error = journal_error();
            const std::size_t whole = text.substr(0, done).rfind('\n') + 1;  // npos + 1 is 0
            const off_t end = ::lseek(opened_, 0, SEEK_CUR);
            // Cuts off the part of a line, unless another process has appended to it.
            if (done > whole && end == ::lseek(opened_, 0, SEEK_END))
                (void)!::ftruncate(opened_, end - static_cast<off_t>(done - whole));
            close();
            return {lines_in(text.substr(whole)), error.message};
        }
        done += static_cast<std::size_t>(count);
    }
    whole_until_ = *size + static_cast<off_t>(text.size());
    return {};
}

Result<void> Journal::check() const {
    if (!file_.starts_with('/'))
        return Error{ErrorKind::bad_config, "the path is relative; give an absolute path"};
    struct stat info {};
    if (::lstat(file_.c_str(), &info) == 0) {
        auto opened = open_journal(file_);
        if (!opened) return opened.error();
        ::close(*opened);
        return {};
    }
    const std::string folder = file_.substr(0, std::max<std::size_t>(file_.rfind('/'), 1));
    return ::access(folder.c_str(), W_OK | X_OK) == 0 ? Result<void>() : journal_error();
}

void Journal::append(std::string line, Host& host) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() + line.size() > most_waiting) {
            ++dropped_;
            return;
        }
        waiting_ += line;
        if (std::exchange(writer_is_due_, true)) return;
    }
    // The host is there as long as its tasks run.
    host.run([self = shared_from_this(), &host] { self->write_and_continue(host); });
}

void Journal::write_and_continue(Host& host) {
    try {
        write_waiting(&host);
        continue_later(host);
    } catch (...) {  // the next line tries again
        const std::lock_guard lock(mutex_);
        writer_is_due_ = false;
        throw;
    }
}

void Journal::write_waiting(Host* host) {
    const std::lock_guard one_at_a_time(writing_);
    std::string lines;
    std::size_t dropped = 0;
    {
        const std::lock_guard lock(mutex_);
        lines.swap(waiting_);
        dropped = std::exchange(dropped_, 0);
    }
    const Lost lost = lines.empty() ? Lost() : write(lines);
    lost_total_.add(static_cast<double>(lost.count + dropped));
    if (!host) return;
    if (!lines.empty()) report(lost.count, lost.reason, *host);
    if (dropped > 0)
        host->log(Level::error, "requests not recorded, the disk is too slow",
                  {{"file", file_}, {"count", std::to_string(dropped)}});
}

// The lines that came during the write, and those of the next milliseconds, are one write.
void Journal::continue_later(Host& host) {
    {
        const std::lock_guard lock(mutex_);
        writer_is_due_ = !waiting_.empty() || dropped_ > 0;
        if (!writer_is_due_) return;
    }
    // An instance that ends meanwhile writes the lines itself, and not on the timer's thread.
    host.after(pause, [weak = weak_from_this(), &host] {
        if (weak.expired()) return;
        host.run([weak, &host] {
            if (const auto self = weak.lock()) self->write_and_continue(host);
        });
    });
}

// A full disk must not fill another one with messages about it.
void Journal::report(std::size_t lost, const std::string& reason, Host& host) {
    if (lost > 0 && std::exchange(lost_, lost_ + lost) == 0)
        host.log(Level::error, "requests not recorded", {{"file", file_}, {"reason", reason}});
    if (lost > 0 || lost_ == 0) return;
    host.log(Level::info, "requests recorded again",
             {{"file", file_}, {"count", std::to_string(std::exchange(lost_, 0))}});
}

}  // namespace gatehouse
