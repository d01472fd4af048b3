// SPDX-License-Identifier: Apache-2.0
// Reading small secret files with plain system calls, so that errno can be told.
#include "plugins/auth/oci_signer/files.hpp"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::oci {

namespace {
Error last_error() {
    return {ErrorKind::bad_config, std::error_code(errno, std::generic_category()).message()};
}
}  // namespace

std::optional<std::string> process_environment(const char* name) {
    const char* value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return last_error();
    std::string content(limit + 1, '\0');
    std::size_t filled = 0;
    Result<void> good;
    while (filled < content.size()) {
        const ssize_t count = read(file, content.data() + filled, content.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) good = last_error();
        if (count <= 0) break;
        filled += static_cast<std::size_t>(count);
    }
    close(file);
    if (good && filled > limit)
        good = Error{ErrorKind::bad_config, "larger than " + std::to_string(limit) + " bytes"};
    if (!good) {
        wipe(content);
        return good.error();
    }
    content.resize(filled);
    return content;
}

Result<void> replace_file(const std::string& path, std::string_view content) {
    char* resolved = realpath(path.c_str(), nullptr);
    const std::string target = resolved ? resolved : path;
    std::free(resolved);
    std::string beside = target + ".XXXXXX";
    const int file = mkostemp(beside.data(), O_CLOEXEC);  // with mode 0600
    if (file < 0) return last_error();
    Result<void> good;
    while (!content.empty() && good) {
        const ssize_t count = write(file, content.data(), content.size());
        if (count >= 0)
            content.remove_prefix(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            good = last_error();
    }
    if (good && fsync(file) != 0) good = last_error();
    if (close(file) != 0 && good) good = last_error();
    if (good && rename(beside.c_str(), target.c_str()) != 0) good = last_error();
    if (!good) unlink(beside.c_str());
    return good;
}

std::optional<FileStamp> stamp_of(const std::string& path) {
    struct stat status;
    if (stat(path.c_str(), &status) != 0) return std::nullopt;
    return FileStamp{
        static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool readable_by_others(const std::string& path) {
    struct stat status;
    return stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

std::string expand_home(std::string path, const Environment& environment) {
    if (path != "~" && !path.starts_with("~/")) return path;
    if (auto home = environment("HOME")) return *home + path.substr(1);
    if (const passwd* user = getpwuid(getuid()); user && user->pw_dir) return user->pw_dir + path.substr(1);
    return path;
}

std::string_view trim(std::string_view text) {
    const char* blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

void wipe(std::string& secret) {
    secret.resize(secret.capacity());  // no reallocation; a tail left by an assignment goes too
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

}  // namespace gatehouse::oci
