// SPDX-License-Identifier: Apache-2.0
#include "core/observe/line_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gatehouse::core {

namespace {

struct Written {
    std::size_t bytes = 0;
    int reason = 0;  // errno; 0: all bytes were written
};

Written write_all(int descriptor, std::string_view bytes) {
    Written done;
    while (done.bytes < bytes.size()) {
        const ssize_t count = ::write(descriptor, bytes.data() + done.bytes, bytes.size() - done.bytes);
        if (count >= 0) {
            done.bytes += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {  // a terminal or pipe in non-blocking mode
            pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
            if (::poll(&waiting, 1, 100) <= 0) return {done.bytes, EAGAIN};
        } else if (errno != EINTR) {
            return {done.bytes, errno};
        }
    }
    return done;
}

/// Removes the last `size` bytes that this process has written.  Fails if they are not the end of a file, for
/// example because another process has appended to it.
bool cut_back(int descriptor, std::size_t size) {
    if (size == 0) return true;
    struct stat info {};
    const off_t end = ::lseek(descriptor, 0, SEEK_CUR), left = end - static_cast<off_t>(size);
    if (end < 0 || ::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size != end)
        return false;
    return ::ftruncate(descriptor, left) == 0 && ::lseek(descriptor, left, SEEK_SET) == left;
}

}  // namespace

int LineWriter::write(int descriptor, std::string_view lines) {
    std::string longer;
    std::string_view out = lines;
    const std::uint64_t unreported = lost_.unreported.exchange(0);
    if (torn_) longer = "\n";
    if (unreported > 0) longer += report_(unreported, lost_.reason);
    const std::size_t before = longer.size();
    if (before > 0) out = longer += lines;

    const Written done = write_all(descriptor, out);
    if (!done.reason) {
        torn_ = false;
        return 0;
    }
    std::size_t whole = out.substr(0, done.bytes).rfind('\n') + 1;  // npos + 1 is 0
    // A report alone would only use up the space that a line needs.
    const std::size_t kept = whole > before ? whole : 0;
    if (cut_back(descriptor, done.bytes - kept)) {
        whole = kept;
        torn_ = torn_ && kept == 0;
    } else if (done.bytes > 0) {
        torn_ = done.bytes > whole;
    }
    if (whole < before) lost_.unreported += unreported;
    const auto count =
        static_cast<std::uint64_t>(std::ranges::count(out.substr(std::max(whole, before)), '\n'));
    lost_.reason = done.reason;
    lost_.total += count;
    lost_.unreported += count;
    return done.reason;
}

bool ends_within_line(const std::string& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return false;
    struct stat info {};
    char last = '\n';
    if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0)
        (void)!::pread(descriptor, &last, 1, info.st_size - 1);
    ::close(descriptor);
    return last != '\n';
}

}  // namespace gatehouse::core
