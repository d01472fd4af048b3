// SPDX-License-Identifier: Apache-2.0
#include "core/app/active_config.hpp"

#include "core/config/document.hpp"

#include <unistd.h>

#include <charconv>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

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

}  // namespace

// Writes the path, a NUL and the text.  A concurrent reader sees another path or an incomplete
// text, and reads again.
void ActiveConfig::publish(const ConfigFile& file, const Settings& settings) {
    lasting_.write(values_until_restart(settings));
    file_.write(identity(file.path()) + '\0' + file.document().text);
}

std::optional<std::string> active_text(pid_t process, const fs::path& path) {
    std::string content = AnonymousFile::read(process, "gatehouse-configuration");
    const std::string wanted = identity(path) + '\0';
    if (!content.starts_with(wanted)) return std::nullopt;
    return content.substr(wanted.size());
}

std::string running_values(pid_t process) { return AnonymousFile::read(process, "gatehouse-until-restart"); }

std::string active_path(pid_t process) {
    const std::string content = AnonymousFile::read(process, "gatehouse-configuration");
    return content.substr(0, content.find('\0'));
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
