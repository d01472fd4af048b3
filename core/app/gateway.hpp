// SPDX-License-Identifier: Apache-2.0
// A configuration brought to life: plugins loaded and checked, then a server
// that runs every request through a RequestFlow.
#pragma once

#include "core/config/settings.hpp"

#include <gatehouse/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::core {

class Log;
class Loop;
struct Finding;

/// [main thread]
class Gateway {
public:
    /// Both checks: the log goes to standard error, no file is made, nothing listens where the file says.
    enum class Purpose { serve, check, check_live };

    /// Reads and checks the file and makes every instance; nothing listens yet.
    /// The error is complete, with file, line and column: print it as it is.
    static Result<std::unique_ptr<Gateway>> make(const std::filesystem::path& config_file,
                                                 Purpose purpose = Purpose::serve);
    ~Gateway();

    /// Listens on these in place of what the file says; -1: as it says.  Before start().
    void take_over(int server_socket, int admin_socket);
    /// Listens.  From now on requests are answered.
    Result<void> start();
    std::uint16_t port() const;
    const Settings& settings() const;
    /// The one in force.
    const ConfigFile& file() const;
    /// What must run for requests to be served.  REQUIRES: started.
    std::vector<Loop*> loops() const;
    /// main() says there where we listen, and reopens it when asked to.
    Log& log();

    /// /ready says 503; after drain_delay_ms nothing more is accepted; returns
    /// when the running requests have ended.  Those that have not after drain_timeout_ms
    /// end with an error.  `meanwhile` is called now and then.
    void drain(const std::function<void()>& meanwhile);

    /// Puts another configuration in force.  Requests that have begun end under the
    /// old one.  What is wrong is returned, and nothing has changed then.  Otherwise
    /// the keys that need a restart, and stay as they were.  REQUIRES: started.
    Result<std::vector<std::string>> reload(const ConfigFile& file);

    /// Asks the upstreams, in place of start(), and reports what they answer.
    /// False if any does not answer well.  REQUIRES: made for Purpose::check_live.
    Result<bool> check_live(const std::function<void(const Finding&)>& report);

private:
    class Impl;
    explicit Gateway(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core
