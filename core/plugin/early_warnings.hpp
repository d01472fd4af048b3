// SPDX-License-Identifier: Apache-2.0
// The warnings that new plugin instances log while a configuration becomes active.  `gatehouse reload` shows
// them: an operator may not read the log after a change of the file.  [any thread]
#pragma once

#include <gatehouse/host.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class EarlyWarnings {
public:
    /// Keeps a warning or an error until take(), and at most 32 of them.  Other levels are dropped.
    void add(Level level, std::string_view instance, std::string_view message, Host::LogFields fields);

    /// Returns one line for each, and keeps none from now on.
    std::vector<std::string> take();

private:
    std::atomic<bool> open_{true};
    std::mutex mutex_;
    std::vector<std::string> lines_;  // guarded by the mutex
};

}  // namespace gatehouse::core
