// SPDX-License-Identifier: Apache-2.0
#include "core/instances/config_snapshot.hpp"

#include "core/instances/loopback.hpp"
#include "core/plugin/finder.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

Limits plugin_limits(const Settings& settings) {
    return {.max_json_depth = static_cast<std::size_t>(settings.server.max_json_depth),
            .max_event_bytes = static_cast<std::size_t>(settings.upstream.max_event_bytes),
            .max_answer_bytes = static_cast<std::size_t>(settings.upstream.max_response_bytes),
            .strict_permissions = settings.server.strict_permissions};
}

}  // namespace

Result<std::shared_ptr<const ConfigSnapshot>> make_config_snapshot(
    const ConfigFile& file, Settings settings, Services& services, Log& log, Metrics& metrics,
    Healths& healths, Admission& admission, std::shared_ptr<AuthThrottle> auth_throttle) {
    std::vector<std::filesystem::path> folders;
    for (const std::string& path : settings.plugins.path) folders.push_back(file.resolve(path));
    auto pins = PluginPins::parse(settings.plugins.pins);
    if (!pins) return file.error({}, "[plugins] pins: " + pins.error().message);
    Finder finder(std::move(folders), *std::move(pins));
    finder.load_copies();
    auto instances = PluginInstances::build(file, finder, services, plugin_limits(settings), settings, healths,
                                            metrics);
    if (!instances) return instances.error();
    if ((*instances)->authenticators().empty() && !settings.server.allow_anonymous &&
        !is_loopback(settings.server.listen))
        return file.error({}, "every client that reaches " + settings.server.listen +
                                  " could use this gateway: add an [authenticator.…] table, listen on "
                                  "127.0.0.1, or set `allow_anonymous = true` in [server]");
    metrics.add_providers((*instances)->provider_names());
    Cors cors(settings.server.cors_origins);
    return std::shared_ptr<const ConfigSnapshot>(
        new ConfigSnapshot{.settings = std::move(settings),
                           .log = log,
                           .metrics = metrics,
                           .cors = std::move(cors),
                           .instances = *std::move(instances),
                           .admission = &admission,
                           .auth_throttle = std::move(auth_throttle)});
}

}  // namespace gatehouse::core
