// SPDX-License-Identifier: Apache-2.0
// Lets `gatehouse plugins` and `gatehouse reload` see which plugins a process runs, and how its last reload
// ended.  Owned by main().  [main thread]
#pragma once

#include "core/app/anonymous_file.hpp"
#include "core/plugin/used_plugin.hpp"

#include <optional>
#include <vector>

namespace gatehouse::core {

struct ActivePlugins {
    std::size_t reloads = 0;                 // that have been tried
    std::string rejected = {};               // the reason of the last one; empty: it succeeded
    std::vector<std::string> warnings = {};  // those that the last one has logged
    std::size_t failed_upgrades = 0;
    std::string upgrade_failure = {};  // the reason of the last one
    std::vector<UsedPlugin> plugins = {};
};

class PublishedPlugins {
public:
    void publish(const ActivePlugins& active);

private:
    AnonymousFile file_{"gatehouse-plugins"};
};

/// Returns nullopt if the process publishes nothing, or this user may not read it.
std::optional<ActivePlugins> active_plugins(pid_t process);

/// For example "/x/vee.so: 1.0.0 runs, another file is on disk", one line for each library whose file differs
/// from the running bytes.
std::vector<std::string> changed_libraries(const std::vector<UsedPlugin>& plugins);

}  // namespace gatehouse::core
