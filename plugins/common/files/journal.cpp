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
        ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
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

Result<void> append_to(const std::string& file, std::string_view text) {
    auto opened = open_journal(file);
    if (!opened) return opened.error();
    const JournalFile journal{*opened};
    while (!text.empty()) {
        const ssize_t count = ::write(journal.number, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return journal_error();
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Journal::~Journal() { write_waiting(nullptr); }

Result<void> Journal::check() const {
    if (!file_.starts_with('/'))
        return Error{ErrorKind::bad_config, "the path is relative; give an absolute path"};
    struct stat info {};
    if (::lstat(file_.c_str(), &info) == 0) return append_to(file_, {});
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
    const auto written = lines.empty() ? Result<void>() : append_to(file_, lines);
    if (!host) return;
    if (!written)
        host->log(Level::error, "requests not recorded",
                  {{"file", file_}, {"reason", written.error().message}});
    if (dropped > 0)
        host->log(Level::error, "requests not recorded, the disk is too slow",
                  {{"file", file_}, {"count", std::to_string(dropped)}});
}

}  // namespace gatehouse
