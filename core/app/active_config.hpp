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

class ActiveConfig {
public:
    ActiveConfig();
    ~ActiveConfig();
    ActiveConfig(const ActiveConfig&) = delete;
    ActiveConfig& operator=(const ActiveConfig&) = delete;

    /// From now on this file is in force here.  Without effect where the kernel
    /// has no anonymous files.
    void publish(const ConfigFile& file);

private:
    int fd_ = -1;
};

struct ActiveProcess {
    pid_t process = 0;
    std::string text;  // of the configuration in force
};

/// The text of the configuration at `path` that is in force in `process`; nothing if it
/// runs another one, or none.
std::optional<std::string> active_text(pid_t process, const std::filesystem::path& path);

/// The processes of this user that run the configuration at `path`.
std::vector<ActiveProcess> active_processes(const std::filesystem::path& path);

}  // namespace gatehouse::core
