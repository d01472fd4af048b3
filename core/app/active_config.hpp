// SPDX-License-Identifier: Apache-2.0
// Lets `gatehouse reload` find the process that runs a configuration, and compare its
// text.  Each process keeps two anonymous files: the active text, and the values of the keys that need a
// restart.  Only the process's user can read them through /proc.  Owned by main().  [main thread]
#pragma once

#include "core/app/anonymous_file.hpp"
#include "core/config/file.hpp"
#include "core/config/settings.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class ActiveConfig {
public:
    /// Publishes `file` as the active configuration of this process, with the running `settings`.  Has no
    /// effect if the kernel has no anonymous files.
    void publish(const ConfigFile& file, const Settings& settings);
    /// This process does not apply changes from now on.
    void withdraw() { file_.write({}); }

private:
    AnonymousFile file_{"gatehouse-configuration"}, lasting_{"gatehouse-until-restart"};
};

struct ActiveProcess {
    pid_t process = 0;
    std::string text;  // the active configuration's text
};

/// Returns the active text of the configuration at `path` in `process`.  Returns nullopt if
/// that process runs another configuration or is not a gateway.
std::optional<std::string> active_text(pid_t process, const std::filesystem::path& path);

/// The values_until_restart() of `process`.  Empty if the process does not publish them.
std::string running_values(pid_t process);

/// The path of the configuration that `process` runs; empty if it is not a gateway of this user.
std::string active_path(pid_t process);

/// The processes of this user that run the configuration at `path`.
std::vector<ActiveProcess> active_processes(const std::filesystem::path& path);

}  // namespace gatehouse::core
