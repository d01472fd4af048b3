// SPDX-License-Identifier: Apache-2.0
// Reads with plain system calls, because errors are reported by errno.
#include "plugins/common/files/files.hpp"

#include <gatehouse/schema.hpp>

#include <openssl/crypto.h>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse {

namespace {
Error last_error() {
    return {ErrorKind::bad_config, std::error_code(errno, std::generic_category()).message()};
}
}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return last_error();
    std::string content(limit + 1, '\0');
    std::size_t filled = 0;
    Result<void> good;
    while (filled < content.size()) {
        const ssize_t count = ::read(file, content.data() + filled, content.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) good = last_error();
        if (count <= 0) break;
        filled += static_cast<std::size_t>(count);
    }
    ::close(file);
    if (good && filled > limit)
        good = Error{ErrorKind::bad_config, "larger than " + std::to_string(limit) + " bytes"};
    if (!good) {
        wipe(content);
        return good.error();
    }
    content.resize(filled);
    return content;
}

std::optional<FileStamp> stamp_of(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return FileStamp{
        static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

void check_permissions(const std::string& path, const std::string& key, Host& host) {
    struct stat status;
    // A file without readable attributes is not reported.
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRGRP | S_IROTH)) == 0) return;
    // The same message as the core's, which checks the files that it reads itself.
    if (host.limits().strict_permissions)
        throw KeyError(
            key, "users other than its owner may read " + path +
                     ", which contains a secret: `chmod 600` it, or remove strict_permissions from [server] "
                     "to get only a warning");
    host.log(Level::warning, "file with a secret is readable by other users: `chmod 600` it",
             {{"file", path}});
}

void wipe(std::string& secret) {
    secret.resize(secret.capacity());  // no reallocation; also overwrites the tail left by an assignment
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

}  // namespace gatehouse
