// SPDX-License-Identifier: Apache-2.0
// Replaces a secret file with plain system calls, so that an error can report errno.
#include "plugins/auth/oci_signer/files.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
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

std::string expand_home(std::string path, const Environment& environment) {
    if (path != "~" && !path.starts_with("~/")) return path;
    if (auto home = environment("HOME")) return *home + path.substr(1);
    if (const passwd* user = getpwuid(getuid()); user && user->pw_dir) return user->pw_dir + path.substr(1);
    return path;
}

}  // namespace gatehouse::oci
