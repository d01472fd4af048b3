// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/files/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse {

namespace {

constexpr std::size_t most_waiting = 16 * 1024 * 1024;

Error journal_error() {
    return {ErrorKind::bad_config, std::error_code(errno, std::generic_category()).message()};
}

struct JournalFile {
    int number;
    ~JournalFile() {
        if (number >= 0) ::close(number);
    }
};

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
    else if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        result =
            Error{ErrorKind::bad_config, "users other than its owner may read or write it: `chmod 600` it"};
    if (!result) ::close(opened);
    return result;
}

/// The lines that a call has not written, and why.
struct Lost {
    std::size_t count = 0;
    std::string reason = {};
};

std::size_t lines_in(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Whether the last line has no end, because a process has died while it wrote.
bool ends_within_line(int file) {
    char last = '\n';
    const off_t size = ::lseek(file, 0, SEEK_END);
    return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

Lost append_to(const std::string& file, std::string_view lines) {
    auto opened = open_journal(file);
    if (!opened) return {lines_in(lines), opened.error().message};
    const JournalFile journal{*opened};
    const std::string continued = ends_within_line(*opened) ? "\n" + std::string(lines) : "";
    const std::string_view text = continued.empty() ? lines : std::string_view(continued);
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(journal.number, text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const Error error = journal_error();
            const std::size_t whole = text.substr(0, done).rfind('\n') + 1;  // npos + 1 is 0
            const off_t end = ::lseek(journal.number, 0, SEEK_CUR);
            // Cuts off the part of a line, unless another process has appended to it.
            if (done > whole && end == ::lseek(journal.number, 0, SEEK_END))
                (void)!::ftruncate(journal.number, end - static_cast<off_t>(done - whole));
            return {lines_in(text.substr(whole)), error.message};
        }
        done += static_cast<std::size_t>(count);
    }
    return {};
}

}  // namespace

Journal::Journal(std::string file, Host& host)
    : lost_total_(host.counter("lines_lost_total", "Lines that could not be written to the file.")),
      file_(std::move(file)) {}

Journal::~Journal() { write_waiting(nullptr); }

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
    host.run([self = shared_from_this(), &host] { self->write_waiting(&host); });
}

void Journal::write_waiting(Host* host) {
    const std::lock_guard one_at_a_time(writing_);
    std::string lines;
    std::size_t dropped = 0;
    {
        const std::lock_guard lock(mutex_);
        lines.swap(waiting_);
        dropped = std::exchange(dropped_, 0);
        writer_is_due_ = false;
    }
    const Lost lost = lines.empty() ? Lost() : append_to(file_, lines);
    lost_total_.add(static_cast<double>(lost.count + dropped));
    if (!host) return;
    if (!lines.empty()) report(lost.count, lost.reason, *host);
    if (dropped > 0)
        host->log(Level::error, "requests not recorded, the disk is too slow",
                  {{"file", file_}, {"count", std::to_string(dropped)}});
}

// A full disk must not fill another one with messages about it.
void Journal::report(std::size_t lost, const std::string& reason, Host& host) {
    if (lost > 0 && std::exchange(lost_, lost_ + lost) == 0)
        host.log(Level::error, "requests not recorded", {{"file", file_}, {"reason", reason}});
    if (lost > 0 || lost_ == 0) return;
    host.log(Level::error, "requests recorded again",
             {{"file", file_}, {"count", std::to_string(std::exchange(lost_, 0))}});
}

}  // namespace gatehouse
