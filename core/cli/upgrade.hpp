// SPDX-License-Identifier: Apache-2.0
// The upgrade of a running gateway, from the side of the process that is replaced.  Owned by serve().
// [main thread]
#pragma once

#include "core/app/gateway.hpp"
#include "core/app/new_process.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace gatehouse::core {

class Upgrade {
public:
    /// Remembers the program's file, which an upgrade replaces.
    explicit Upgrade(const std::filesystem::path& config);

    /// Starts a new process of the program's file, which takes the listening sockets.  Logs a failure.  Has
    /// no effect while it runs.
    void begin(Gateway& gateway, const ServiceManager& manager);
    bool runs() const { return next_.has_value(); }
    /// Whether the new process accepts connections, once.  Logs if it has ended, or takes too long, instead.
    bool complete(Gateway& gateway);
    /// The number of failures, and the reason of the last one.
    std::size_t failures() const { return failures_; }
    const std::string& failure() const { return failure_; }
    /// Ends the new process, because this one was told to end first.
    void abandon();
    /// REQUIRES: runs().
    pid_t process() const { return next_->process(); }

private:
    const std::filesystem::path program_, config_;
    void fail(Gateway& gateway, const std::string& reason);

    std::optional<NewProcess> next_;
    std::size_t failures_ = 0;
    std::string failure_ = {};
    std::chrono::steady_clock::time_point begun_;
};

}  // namespace gatehouse::core
