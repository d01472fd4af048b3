// SPDX-License-Identifier: Apache-2.0
#include "core/app/active_config.hpp"

#include "core/config/document.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr const char* name = "gatehouse-configuration";

/// Returns the same text for every path to the same file.
std::string identity(const fs::path& path) {
    std::error_code failure;
    const fs::path whole = fs::weakly_canonical(fs::absolute(path, failure), failure);
    return failure ? path.string() : whole.string();
}

bool is_process(const std::string& text, pid_t& process) {
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, process);
    return read.ec == std::errc() && read.ptr == end;
}

/// Returns the text that the process publishes, or "".
std::string published(const fs::path& process) {
    std::error_code failure;
    for (fs::directory_iterator entry(process / "fd", failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code unreadable;
        const std::string target = fs::read_symlink(entry->path(), unreadable).string();
        if (unreadable || !target.starts_with("/memfd:" + std::string(name))) continue;
        std::ifstream file(entry->path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    return {};
}

}  // namespace

ActiveConfig::ActiveConfig() : fd_(::memfd_create(name, MFD_CLOEXEC)) {}

ActiveConfig::~ActiveConfig() {
    if (fd_ >= 0) ::close(fd_);
}

// Writes the path, a NUL and the text.  A concurrent reader sees another path or an incomplete
// text, and reads again.
void ActiveConfig::publish(const ConfigFile& file) {
    if (fd_ < 0) return;
    const std::string content = identity(file.path()) + '\0' + file.document().text;
    if (::ftruncate(fd_, 0) != 0) return;
    for (std::size_t at = 0; at < content.size();) {
        const ssize_t written =
            ::pwrite(fd_, content.data() + at, content.size() - at, static_cast<off_t>(at));
        if (written <= 0) return;
        at += static_cast<std::size_t>(written);
    }
}

std::optional<std::string> active_text(pid_t process, const fs::path& path) {
    std::string content = published(fs::path("/proc") / std::to_string(process));
    const std::string wanted = identity(path) + '\0';
    if (!content.starts_with(wanted)) return std::nullopt;
    return content.substr(wanted.size());
}

std::vector<ActiveProcess> active_processes(const fs::path& path) {
    std::vector<ActiveProcess> found;
    std::error_code failure;
    for (fs::directory_iterator entry("/proc", failure), end; !failure && entry != end;
         entry.increment(failure)) {
        pid_t process = 0;
        if (!is_process(entry->path().filename().string(), process) || process == ::getpid()) continue;
        if (auto text = active_text(process, path)) found.push_back({process, *std::move(text)});
    }
    return found;
}

}  // namespace gatehouse::core
