// SPDX-License-Identifier: Apache-2.0
#include "core/app/anonymous_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gatehouse::core {

namespace fs = std::filesystem;

AnonymousFile::AnonymousFile(const char* name) : fd_(::memfd_create(name, MFD_CLOEXEC)) {}

AnonymousFile::~AnonymousFile() {
    if (fd_ >= 0) ::close(fd_);
}

void AnonymousFile::write(std::string_view content) {
    if (fd_ < 0 || ::ftruncate(fd_, 0) != 0) return;
    for (std::size_t at = 0; at < content.size();) {
        const ssize_t written =
            ::pwrite(fd_, content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (written <= 0) return;
        at += static_cast<std::size_t>(written);
    }
}

std::string AnonymousFile::read(pid_t process, std::string_view name) {
    const std::string wanted = "/memfd:" + std::string(name);
    std::error_code failure;
    for (fs::directory_iterator entry(fs::path("/proc") / std::to_string(process) / "fd", failure), end;
         !failure && entry != end; entry.increment(failure)) {
        std::error_code unreadable;
        const std::string target = fs::read_symlink(entry->path(), unreadable).string();
        if (unreadable || !target.starts_with(wanted)) continue;
        std::ifstream file(entry->path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    return {};
}

std::string_view take_field(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view field = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return field;
}

}  // namespace gatehouse::core
