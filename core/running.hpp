// SPDX-License-Identifier: Apache-2.0
// How `gatehouse reload` finds the process that runs a configuration, and what it
// runs: each process keeps the text that is in force in an anonymous file, which
// its owner and nobody else can read through /proc.  [main thread]
#pragma once

#include "core/config/file.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class RunningConfig {
public:
    RunningConfig();
    ~RunningConfig();
    RunningConfig(const RunningConfig&) = delete;
    RunningConfig& operator=(const RunningConfig&) = delete;

    /// From now on this file is in force here.  Without effect where the kernel
    /// has no anonymous files.
    void publish(const ConfigFile& file);

private:
    int fd_ = -1;
};

struct Running {
    pid_t process = 0;
    std::string text;  // of the configuration in force
};

/// The text of the configuration at `path` that is in force in `process`; nothing if it
/// runs another one, or none.
std::optional<std::string> text_run_by(pid_t process, const std::filesystem::path& path);

/// The processes of this user that run the configuration at `path`.
std::vector<Running> processes_running(const std::filesystem::path& path);

}  // namespace gatehouse::core
