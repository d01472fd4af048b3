// SPDX-License-Identifier: Apache-2.0
#include "core/cli/user.hpp"

#include "core/app/active_files.hpp"
#include "core/cli/output.hpp"
#include "core/config/settings.hpp"
#include "core/util/suggest.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace gatehouse::core {

namespace {

/// A user may have no entry, such as a dynamic user of systemd while its service does not run.
std::optional<uid_t> number_in(const std::string& name) {
    uid_t number = 0;
    const char* end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || at != end) return std::nullopt;
    return number;
}

bool of_root_only(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || status.st_uid != 0) return false;
    const bool by_group = (status.st_mode & S_IRGRP) != 0 && status.st_gid != 0;
    return !by_group && (status.st_mode & S_IROTH) == 0;
}

}  // namespace

Result<void> become_user(const std::string& name) {
    const auto number = number_in(name);
    errno = 0;
    const passwd* const entry = number ? ::getpwuid(*number) : ::getpwnam(name.c_str());
    if (!entry && !number)
        return Error{ErrorKind::bad_config, "there is no user \"" + name + "\"; give a name or a number"};
    const uid_t user = entry ? entry->pw_uid : *number;
    const gid_t group = entry ? entry->pw_gid : *number;
    if (user == ::geteuid()) return {};
    const std::string home = entry ? entry->pw_dir : "/";
    const bool groups = entry ? ::initgroups(entry->pw_name, group) == 0 : ::setgroups(0, nullptr) == 0;
    if (!groups || ::setgid(group) != 0 || ::setuid(user) != 0)
        return Error{ErrorKind::bad_config, "cannot become the user \"" + name +
                                                "\": " + std::generic_category().message(errno) +
                                                "; run this command as root"};
    ::setenv("HOME", home.c_str(), 1);
    return {};
}

void warn_of_files_of_root(const std::filesystem::path& config, Mistakes& mistakes) {
    if (::geteuid() != 0 || !mistakes.empty()) return;
    const auto file = ConfigFile::read(config);
    if (!file) return;
    Mistakes known(config);  // they are in `mistakes`
    std::string names;
    for (const std::filesystem::path& one : watched_files(*file, read_settings(*file, known)))
        if (of_root_only(one)) add_to_list(names, one.string());
    if (of_root_only(config)) add_to_list(names, config.string());
    if (names.empty()) return;
    mistakes.warn(file->error({}, "only root can read " + names +
                                      "; if the gateway runs as another user, check with `--user NAME`"));
}

}  // namespace gatehouse::core
