// SPDX-License-Identifier: Apache-2.0
// The running gateway: loads and checks the plugins of a configuration, then serves
// every request through a RequestFlow.  Owned by main().
#pragma once

#include "core/app/console_door.hpp"
#include "core/app/service_manager.hpp"
#include "core/config/settings.hpp"
#include "core/plugin/used_plugin.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class Log;
class Loop;
class PluginInstances;
struct Finding;
struct ProviderInventory;

/// [main thread]
class Gateway {
public:
    /// Both checks log to standard error, create no file, ask no store and do not listen on the configured
    /// address.
    enum class Purpose { serve, check, check_live };

    /// Reads and checks the file and creates every plugin instance.  Does not listen yet.
    /// The error has every mistake with file, line and column, and can be printed as it is.  Warnings
    /// go to the log.
    static Result<std::unique_ptr<Gateway>> make(const std::filesystem::path& config_file,
                                                 Purpose purpose = Purpose::serve);
    /// The same, with each mistake and warning; null if there is a mistake.  `log` is used instead of
    /// [log] if given.
    static std::unique_ptr<Gateway> make(const std::filesystem::path& config_file, Purpose purpose,
                                         Mistakes& mistakes, const std::optional<LogOptions>& log = {});
    ~Gateway();

    /// Uses these sockets instead of the configured addresses; -1: uses the address.  Call before start().
    void take_over(int server_socket, int admin_socket);
    /// Listens and serves requests from now on.  The error names the key, and the process that has the
    /// port if it is known.  With inherited sockets each store must answer first.
    Result<void> start();
    std::uint16_t port() const;
    const Settings& settings() const;
    /// The active configuration.
    const ConfigFile& file() const;
    /// For `gatehouse console`; without an address if there is no admin listener.  REQUIRES: started.
    ConsoleDoor door() const;
    /// The plugins of the active configuration.
    const std::vector<UsedPlugin>& plugins() const;
    /// The plugin instances of the active configuration.  Valid until the next reload.
    const PluginInstances& instances() const;
    /// The loops that serve requests.  REQUIRES: started.
    std::vector<Loop*> loops() const;
    /// main() logs the listening address there and reopens the log on request.
    Log& log();

    /// The listening sockets, for copies in a process that replaces this one.  REQUIRES: started.
    InheritedSockets share_sockets();
    /// That process has ended.
    void unshare_sockets();

    struct DrainTimes {
        std::chrono::milliseconds before{0};  // until it accepts no connections
        std::chrono::milliseconds limit{0};   // from then on, for running requests
        bool admin = true;                    // whether the [admin] listener serves meanwhile
    };
    /// Makes /ready return 503, and accepts no connections after `times.before`.  Returns when all running
    /// requests have ended.  Requests that still run after `times.limit` end with an error.  Calls
    /// `meanwhile` periodically while it waits, which may change `times`.
    void drain(const DrainTimes& times, const std::function<void()>& meanwhile);

    struct Reloaded {
        std::vector<std::string> postponed = {};  // changed keys that need a restart; their old values stay
        std::vector<std::string> warnings = {};   // also in the log
    };
    /// Makes `file` the active configuration.  Running requests end under the old one.  After an
    /// error, which has every mistake, nothing has changed.  REQUIRES: started.
    Result<Reloaded> reload(const ConfigFile& file);
    /// Counts a reload, also of a file that could not be read.
    void note_reload(bool accepted);

    /// Sends a test request to each upstream, instead of start(), and reports the results.
    /// Returns false if any request fails.  REQUIRES: made for Purpose::check_live.
    Result<bool> check_live(const std::function<void(const Finding&)>& report);
    /// Asks each provider, or only `provider` if that is not empty, for the inventory `name`
    /// (provider_inventory.hpp), instead of start(), and calls `report` with the provider's name.  REQUIRES:
    /// as check_live().
    Result<void> inventory(std::string_view name, const std::string& provider,
                           const std::function<void(const std::string&, const ProviderInventory&)>& report);

private:
    class Impl;
    explicit Gateway(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core
