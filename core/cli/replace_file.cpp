// SPDX-License-Identifier: Apache-2.0
#include "core/cli/replace_file.hpp"

#include "core/util/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace gatehouse::core {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t max_copied_bytes = 4 * 1024 * 1024;

Error failed(const fs::path& path, int number) {
    return {ErrorKind::bad_config, "cannot write " + path.string() + ": " + system_message(number)};
}

/// A link stays a link: its target is replaced.
fs::path resolved(const fs::path& path) {
    std::error_code failure;
    fs::path real = fs::canonical(path, failure);
    return failure ? path : real;
}

}  // namespace

Result<void> write_private(const fs::path& path, const std::string& content) {
    ::unlink(path.c_str());
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return failed(path, errno);
    int number = 0;
    for (std::string_view rest = content; !rest.empty() && number == 0;) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written < 0)
            number = errno == EINTR ? 0 : errno;
        else
            rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (number == 0 && ::fsync(file) != 0) number = errno;
    if (::close(file) != 0 && number == 0) number = errno;
    if (number != 0) return failed(path, number);
    return {};
}

Result<void> put_in_place(const fs::path& fresh, const fs::path& path) {
    const fs::path target = resolved(path);
    struct stat before {};
    if (::stat(target.c_str(), &before) == 0) {
        // Only root may give a file away.  Then the old file belongs to another user than the new one.
        if (::chown(fresh.c_str(), before.st_uid, before.st_gid) != 0 && ::geteuid() == 0)
            return failed(target, errno);
        if (::chmod(fresh.c_str(), before.st_mode & 07777) != 0) return failed(target, errno);
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) return failed(target, errno);
    return {};
}

Result<void> replace_file(const fs::path& path, const std::string& content) {
    std::error_code failure;
    fs::create_directories(path.parent_path().empty() ? fs::path(".") : path.parent_path(), failure);
    const fs::path fresh = resolved(path).string() + ".new";
    if (auto ok = write_private(fresh, content); !ok) return ok;
    return put_in_place(fresh, path);
}

Result<void> copy_private(const fs::path& from, const fs::path& to) {
    auto content = read_text_file(from, max_copied_bytes);
    if (!content)
        return Error{ErrorKind::bad_config, "cannot read " + from.string() + ": " + content.error().message};
    if (auto ok = write_private(to, *content); !ok) return ok;
    struct stat before {};
    if (::stat(from.c_str(), &before) != 0) return failed(to, errno);
    if (::chown(to.c_str(), before.st_uid, before.st_gid) != 0 && ::geteuid() == 0) return failed(to, errno);
    if (::chmod(to.c_str(), before.st_mode & 07777) != 0) return failed(to, errno);
    return {};
}

}  // namespace gatehouse::core
