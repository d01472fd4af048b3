// SPDX-License-Identifier: Apache-2.0
// Finds the process that listens on a TCP port of this host, by /proc.  [main thread]
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct PortHolder {
    pid_t process = 0;      // 0: of another user
    std::string name = {};  // "process 12, a gateway of this user with the configuration x.toml,",
                            // "process 12 (nginx)" or "a process of user 0"
};

/// The process that listens on `listen`, host:port, or on this port of every address.
std::optional<PortHolder> port_holder(std::string_view listen);

}  // namespace gatehouse::core
